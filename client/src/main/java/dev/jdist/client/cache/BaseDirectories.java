package dev.jdist.client.cache;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** Directories whose own names do not matter: what lies in them counts as the same wherever it lies. */
public final class BaseDirectories {
    /** With a slash at the end, longest first. */
    private final List<byte[]> prefixes;

    /** @param directories absolute */
    public BaseDirectories(List<Path> directories) {
        this.prefixes = directories.stream()
                .map(directory -> directory.normalize() + "/")
                .distinct()
                .sorted(Comparator.comparing(String::length).reversed())
                .map(prefix -> prefix.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    public boolean isEmpty() {
        return prefixes.isEmpty();
    }

    /** Takes the directories' names out of a text. */
    public byte[] strip(byte[] text) {
        if (prefixes.isEmpty()) {
            return text;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length);
        int from = 0;
        int i = 0;
        while (i < text.length) {
            int length = text[i] == '/' ? prefixAt(text, i) : 0;
            if (length == 0) {
                i++;
            } else {
                out.write(text, from, i - from);
                i += length;
                from = i;
            }
        }
        out.write(text, from, text.length - from);
        return out.toByteArray();
    }

    public String strip(String text) {
        return prefixes.isEmpty()
                ? text
                : new String(strip(text.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    private int prefixAt(byte[] text, int at) {
        for (byte[] prefix : prefixes) {
            int end = at + prefix.length;
            if (end <= text.length && java.util.Arrays.equals(text, at, end, prefix, 0, prefix.length)) {
                return prefix.length;
            }
        }
        return 0;
    }
}
