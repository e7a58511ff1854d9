package dev.jdist.client.cache;

import dev.jdist.client.files.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.crypto.digests.Blake3Digest;

/** Digests a sequence of fields. Each is preceded by its length, so that no two sequences look alike. */
public final class KeyBuilder {
    private final Blake3Digest digest = new Blake3Digest();

    /** @param purpose tells keys of different kinds, and of different versions of one kind, apart */
    public KeyBuilder(String purpose) {
        add(purpose);
    }

    public KeyBuilder add(byte[] field) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(field.length).array(), 0, Integer.BYTES);
        digest.update(field, 0, field.length);
        return this;
    }

    public KeyBuilder add(String field) {
        return add(field.getBytes(StandardCharsets.UTF_8));
    }

    public KeyBuilder add(Digest field) {
        ByteBuffer bytes = ByteBuffer.allocate(Digest.BYTES);
        field.write(bytes);
        return add(bytes.array());
    }

    KeyBuilder addAll(Collection<String> fields) {
        add(Integer.toString(fields.size()));
        fields.forEach(this::add);
        return this;
    }

    KeyBuilder addAll(Map<String, String> fields) {
        add(Integer.toString(fields.size()));
        new TreeMap<>(fields).forEach((name, value) -> add(name).add(value));
        return this;
    }

    public Digest build() {
        return Digest.finish(digest);
    }
}
