package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.ServerId;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.QueryStringEncoder;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which builders of a farm a client wants, any or only some. It travels as the query of a request, which stock ignores:
 * {@code docs/protocol.md}, "Between jdist peers".
 *
 * @param only the wanted ones, at most {@link #MOST}; empty for any
 */
public record BuilderChoice(Set<ServerId> only) {
    public static final BuilderChoice ANY = new BuilderChoice(Set.of());

    /** So many fit into the first line of a request, whatever their addresses. */
    public static final int MOST = 50;

    private static final String PARAMETER = "builder";

    public BuilderChoice {
        if (only.size() > MOST) {
            throw new IllegalArgumentException(only.size() + " builders are more than " + MOST);
        }
        only = Set.copyOf(only);
    }

    public boolean isAny() {
        return only.isEmpty();
    }

    public boolean allows(ServerId builder) {
        return isAny() || only.contains(builder);
    }

    /** {@code path} with this choice as its query. */
    public String appendTo(String path) {
        QueryStringEncoder encoder = new QueryStringEncoder(path);
        only.forEach(builder -> encoder.addParam(PARAMETER, builder.toString()));
        return encoder.toString();
    }

    /**
     * Reads what {@link #appendTo} wrote. Other parameters are not looked at.
     *
     * @param query what follows the {@code ?}, or nothing
     * @throws IllegalArgumentException if an address is none, or there are too many
     */
    public static BuilderChoice ofQuery(String query) {
        Set<ServerId> only = new LinkedHashSet<>();
        new QueryStringDecoder(query, false)
                .parameters()
                .getOrDefault(PARAMETER, List.of())
                .forEach(address -> only.add(ServerId.parse(address)));
        return only.isEmpty() ? ANY : new BuilderChoice(only);
    }

    @Override
    public String toString() {
        return isAny() ? "any" : only.stream().map(ServerId::toString).sorted().collect(Collectors.joining(", "));
    }
}
