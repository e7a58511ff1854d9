package dev.jdist.scheduler.auth;

import dev.jdist.protocol.wire.Bytes;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The tokens that are good at one moment.
 *
 * @param tokens each with a name of its own
 */
public record TokenList(List<NamedToken> tokens) {
    static final TokenList EMPTY = new TokenList(List.of());

    /** @throws IllegalArgumentException if two have one name */
    public TokenList {
        tokens = List.copyOf(tokens);
        Set<String> names = new HashSet<>();
        for (NamedToken token : tokens) {
            if (!names.add(token.name())) {
                throw new IllegalArgumentException("there are two tokens \"" + token.name() + "\"");
            }
        }
    }

    /** Those that have not expired. */
    TokenList at(Instant now) {
        return tokens.stream().anyMatch(token -> token.hasExpired(now))
                ? new TokenList(
                        tokens.stream().filter(token -> !token.hasExpired(now)).toList())
                : this;
    }

    public Optional<NamedToken> named(String name) {
        return tokens.stream().filter(token -> token.name().equals(name)).findFirst();
    }

    /**
     * The one that somebody shows. All of them are looked at to their ends, so that the time it takes tells nothing of any.
     */
    public Optional<NamedToken> match(String shown) {
        byte[] digest = NamedToken.digestOf(shown).toByteArray();
        NamedToken found = null;
        for (NamedToken token : tokens) {
            if (MessageDigest.isEqual(token.digest().toByteArray(), digest)) {
                found = token;
            }
        }
        return Optional.ofNullable(found);
    }

    /** With {@code token}, in the place of one with that name if there is one. */
    public TokenList with(NamedToken token) {
        List<NamedToken> all = new ArrayList<>(tokens);
        named(token.name()).ifPresentOrElse(old -> all.set(all.indexOf(old), token), () -> all.add(token));
        return new TokenList(all);
    }

    public TokenList without(Set<String> names) {
        return new TokenList(
                tokens.stream().filter(token -> !names.contains(token.name())).toList());
    }

    /** The names of those that are good here and not in {@code other}. */
    List<String> namesNotIn(TokenList other) {
        Set<Bytes> digests = new HashSet<>();
        other.tokens.forEach(token -> digests.add(token.digest()));
        Stream<NamedToken> missing = tokens.stream().filter(token -> !digests.contains(token.digest()));
        return missing.map(NamedToken::name).toList();
    }
}
