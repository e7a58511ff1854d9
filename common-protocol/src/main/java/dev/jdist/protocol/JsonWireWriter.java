package dev.jdist.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes JSON as serde_json does: no white space, unsigned numbers, lower-case escapes. */
final class JsonWireWriter implements WireWriter {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();

    private final JsonGenerator out;

    private JsonWireWriter(JsonGenerator out) {
        this.out = out;
    }

    static byte[] write(WireMessage message) {
        ByteArrayOutputStream buffer = new ByteArrayOutputStream(256);
        try (JsonGenerator generator = FACTORY.createGenerator(buffer)) {
            message.encode(new JsonWireWriter(generator));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return buffer.toByteArray();
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void toMemory(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
    }

    @Override
    public void beginStruct() {
        toMemory(out::writeStartObject);
    }

    @Override
    public WireWriter field(String name) {
        toMemory(() -> out.writeFieldName(name));
        return this;
    }

    @Override
    public void endStruct() {
        toMemory(out::writeEndObject);
    }

    @Override
    public void u64(long value) {
        toMemory(() -> out.writeNumber(Long.toUnsignedString(value)));
    }

    @Override
    public void i32(int value) {
        toMemory(() -> out.writeNumber(value));
    }

    @Override
    public void bool(boolean value) {
        toMemory(() -> out.writeBoolean(value));
    }

    @Override
    public void string(String value) {
        toMemory(() -> out.writeString(value));
    }

    @Override
    public void bytes(Bytes value) {
        toMemory(() -> {
            out.writeStartArray();
            for (int i = 0; i < value.size(); i++) {
                out.writeNumber(value.octetAt(i));
            }
            out.writeEndArray();
        });
    }

    @Override
    public void beginList(int size) {
        toMemory(out::writeStartArray);
    }

    @Override
    public void endList() {
        toMemory(out::writeEndArray);
    }

    @Override
    public void beginTuple() {
        toMemory(out::writeStartArray);
    }

    @Override
    public void endTuple() {
        toMemory(out::writeEndArray);
    }

    @Override
    public void unitVariant(int index, String name) {
        string(name);
    }

    @Override
    public void beginVariant(int index, String name) {
        toMemory(() -> {
            out.writeStartObject();
            out.writeFieldName(name);
        });
    }

    @Override
    public void endVariant() {
        toMemory(out::writeEndObject);
    }

    @Override
    public void socketAddress(ServerId value) {
        string(value.toString());
    }
}
