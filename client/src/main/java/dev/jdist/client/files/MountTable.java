package dev.jdist.client.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What is mounted where, as this process sees it. A mount changes what a path leads to and leaves no trace in any directory.
 *
 * @param text of the kernel; nothing if it cannot be told, and then it is never the same
 */
record MountTable(Optional<String> text) {
    private static final Path SOURCE = Path.of("/proc/self/mountinfo");

    static MountTable now() {
        try {
            return new MountTable(Optional.of(Files.readString(SOURCE, StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            return new MountTable(Optional.empty());
        }
    }

    boolean isSameAs(MountTable other) {
        return text.isPresent() && text.equals(other.text);
    }
}
