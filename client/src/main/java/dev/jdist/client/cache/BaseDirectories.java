package dev.jdist.client.cache;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Directories whose own names do not matter: what lies in them counts as the same wherever it lies. */
public final class BaseDirectories {
    /** Stands for each of them, and in no text for anything else. */
    private static final byte[] ANY = {0, '.', 0};

    /** What stands behind a name that ends there: a quotation mark in texts, the others in arguments. */
    private static final String ENDS = "/\":=";

    /** Without a slash at the end, longest first. */
    private final List<byte[]> names;

    /** @param directories absolute */
    public BaseDirectories(List<Path> directories) {
        this.names = directories.stream()
                .map(directory -> directory.normalize().toString())
                .distinct()
                .sorted(Comparator.comparing(String::length).reversed())
                .map(name -> name.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    public boolean isEmpty() {
        return names.isEmpty();
    }

    /** Puts the same in the place of each directory's name, wherever it stands in a text. */
    public byte[] strip(byte[] text) {
        if (names.isEmpty()) {
            return text;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length);
        int from = 0;
        int i = 0;
        while (i < text.length) {
            int length = text[i] == '/' ? nameAt(text, i) : 0;
            if (length == 0) {
                i++;
            } else {
                out.write(text, from, i - from);
                out.writeBytes(ANY);
                i += length;
                from = i;
            }
        }
        out.write(text, from, text.length - from);
        return out.toByteArray();
    }

    public String strip(String text) {
        return names.isEmpty()
                ? text
                : new String(strip(text.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    /** The length of the directory's name that stands there, or 0. */
    private int nameAt(byte[] text, int at) {
        for (byte[] name : names) {
            int end = at + name.length;
            if (end <= text.length
                    && Arrays.equals(text, at, end, name, 0, name.length)
                    && (end == text.length || ENDS.indexOf(text[end]) >= 0)) {
                return name.length;
            }
        }
        return 0;
    }
}
