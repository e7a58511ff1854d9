package dev.jdist.client.login;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Names and values as they stand in queries and forms: {@code a=1&b=2}. */
public record Parameters(Map<String, List<String>> values) {
    /** @throws IllegalArgumentException if an escape in it is none */
    static Parameters parse(String text) {
        return new Parameters(new QueryStringDecoder(text, false).parameters());
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name)).map(all -> all.get(0));
    }

    static String format(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return values.keySet().toString();
    }
}
