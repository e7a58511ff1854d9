package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.ServerId;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.QueryStringEncoder;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which builders of a farm a client wants: any or only some, and none that has just failed it. It travels as the query of a
 * request, which stock ignores: {@code docs/protocol.md}, "Between jdist peers".
 *
 * @param only the wanted ones; empty for any
 * @param failed those that failed the client lately, and are not wanted
 */
public record BuilderChoice(Set<ServerId> only, Set<ServerId> failed) {
    public static final BuilderChoice ANY = new BuilderChoice(Set.of());

    /** So many, of both kinds together, fit into the first line of a request, whatever their addresses. */
    public static final int MOST = 50;

    private static final String PARAMETER = "builder";
    private static final String FAILED_PARAMETER = "failed";

    public BuilderChoice {
        if (only.size() + failed.size() > MOST) {
            throw new IllegalArgumentException(only.size() + failed.size() + " builders are more than " + MOST);
        }
        only = Set.copyOf(only);
        failed = Set.copyOf(failed);
    }

    public BuilderChoice(Set<ServerId> only) {
        this(only, Set.of());
    }

    /**
     * This choice, without builders that failed; nothing if that leaves none.
     *
     * @param more those that failed; of more than {@link #MOST}, the first ones
     */
    public Optional<BuilderChoice> without(Collection<ServerId> more) {
        Set<ServerId> unwanted = new LinkedHashSet<>(failed);
        if (only.isEmpty()) {
            more.stream().limit(MOST).forEach(unwanted::add);
            return Optional.of(
                    new BuilderChoice(only, unwanted.stream().limit(MOST).collect(Collectors.toSet())));
        }
        Set<ServerId> left = new LinkedHashSet<>(only);
        for (ServerId builder : more) {
            if (left.remove(builder)) {
                unwanted.add(builder);
            }
        }
        return left.isEmpty() ? Optional.empty() : Optional.of(new BuilderChoice(left, unwanted));
    }

    public boolean isAny() {
        return only.isEmpty() && failed.isEmpty();
    }

    public boolean allows(ServerId builder) {
        return (only.isEmpty() || only.contains(builder)) && !failed.contains(builder);
    }

    /** {@code path} with this choice as its query. */
    public String appendTo(String path) {
        QueryStringEncoder encoder = new QueryStringEncoder(path);
        only.forEach(builder -> encoder.addParam(PARAMETER, builder.toString()));
        failed.forEach(builder -> encoder.addParam(FAILED_PARAMETER, builder.toString()));
        return encoder.toString();
    }

    /**
     * Reads what {@link #appendTo} wrote. Other parameters are not looked at.
     *
     * @param query what follows the {@code ?}, or nothing
     * @throws IllegalArgumentException if an address is none, or there are too many
     */
    public static BuilderChoice ofQuery(String query) {
        Map<String, List<String>> parameters = new QueryStringDecoder(query, false).parameters();
        return new BuilderChoice(
                addresses(parameters.getOrDefault(PARAMETER, List.of())),
                addresses(parameters.getOrDefault(FAILED_PARAMETER, List.of())));
    }

    private static Set<ServerId> addresses(List<String> texts) {
        return texts.stream().map(ServerId::parse).collect(Collectors.toSet());
    }

    /** As the end of "there is no builder …". */
    @Override
    public String toString() {
        if (isAny()) {
            return "any";
        }
        return only.isEmpty() ? "other than " + list(failed) : list(only);
    }

    private static String list(Set<ServerId> builders) {
        return builders.stream().map(ServerId::toString).sorted().collect(Collectors.joining(", "));
    }
}
