package dev.jdist.protocol.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes JSON as serde_json does: no white space, unsigned numbers, lower-case escapes. */
public final class JsonWireWriter implements WireWriter {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();

    private final JsonGenerator out;
    private final PartsOutput parts;

    private JsonWireWriter(JsonGenerator out, PartsOutput parts) {
        this.out = out;
        this.parts = parts;
    }

    static PrimitiveBytes write(WireMessage message) {
        PartsOutput parts = new PartsOutput();
        try (JsonGenerator generator = FACTORY.createGenerator(parts)) {
            message.encode(new JsonWireWriter(generator, parts));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return parts.toBytes();
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void unchecked(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void beginStruct() {
        unchecked(out::writeStartObject);
    }

    @Override
    public WireWriter field(String name) {
        unchecked(() -> out.writeFieldName(name));
        return this;
    }

    @Override
    public void endStruct() {
        unchecked(out::writeEndObject);
    }

    @Override
    public void u64(long value) {
        unchecked(() -> out.writeNumber(Long.toUnsignedString(value)));
    }

    @Override
    public void i32(int value) {
        unchecked(() -> out.writeNumber(value));
    }

    @Override
    public void bool(boolean value) {
        unchecked(() -> out.writeBoolean(value));
    }

    @Override
    public void string(String value) {
        unchecked(() -> out.writeString(value));
    }

    @Override
    public void bytes(PrimitiveBytes value) {
        unchecked(() -> {
            out.writeStartArray();
            out.flush();
            parts.add(new JsonNumbers(value));
            out.writeEndArray();
        });
    }

    @Override
    public void beginList(int size) {
        unchecked(out::writeStartArray);
    }

    @Override
    public void endList() {
        unchecked(out::writeEndArray);
    }

    @Override
    public void beginTuple() {
        unchecked(out::writeStartArray);
    }

    @Override
    public void endTuple() {
        unchecked(out::writeEndArray);
    }

    @Override
    public void unitVariant(int index, String name) {
        string(name);
    }

    @Override
    public void beginVariant(int index, String name) {
        unchecked(() -> {
            out.writeStartObject();
            out.writeFieldName(name);
        });
    }

    @Override
    public void endVariant() {
        unchecked(out::writeEndObject);
    }

    @Override
    public void socketAddress(ServerId value) {
        string(value.toString());
    }
}
