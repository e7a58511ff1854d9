package dev.jdist.protocol.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns JSON into {@link ConfigValue}s. */
public final class JsonSource {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final JsonParser parser;

    private JsonSource(JsonParser parser) {
        this.parser = parser;
    }

    /** @param file its name, for messages */
    static ConfigValue.Table parse(String file, String text) throws ConfigException {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new ConfigException(file + ":1: not valid JSON: expected an object");
            }
            ConfigValue.Table table = new JsonSource(parser).table();
            if (parser.nextToken() != null) {
                throw new ConfigException(file + ":"
                        + parser.currentTokenLocation().getLineNr() + ": not valid JSON: something follows the object");
            }
            return table;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new ConfigException(file + ":" + line + ": not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
    }

    private ConfigValue.Table table() throws IOException {
        int line = line();
        Map<String, ConfigValue> values = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            values.put(key, value());
        }
        return new ConfigValue.Table(values, line);
    }

    private ConfigValue value() throws IOException {
        int line = line();
        return switch (parser.currentToken()) {
            case START_OBJECT -> table();
            case START_ARRAY -> {
                List<ConfigValue> values = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    values.add(value());
                }
                yield new ConfigValue.Listing(values, line);
            }
            case VALUE_STRING -> new ConfigValue.Text(parser.getText(), line);
            case VALUE_TRUE, VALUE_FALSE -> new ConfigValue.Flag(parser.getBooleanValue(), line);
            case VALUE_NUMBER_INT -> ConfigValue.number(parser.getBigIntegerValue(), line);
            case VALUE_NUMBER_FLOAT -> new ConfigValue.Other("a fraction", line);
            default -> new ConfigValue.Null(line);
        };
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }
}
