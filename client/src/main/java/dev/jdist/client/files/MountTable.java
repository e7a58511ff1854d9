package dev.jdist.client.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is mounted where, as this process sees it. A mount changes what a path leads to and leaves no trace in any directory.
 *
 * @param text of the kernel; nothing if it cannot be told, and then it is never the same
 */
record MountTable(Optional<String> text) {
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");
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

    /**
     * Whether something else is mounted in one of these places, or above one, than in another table.
     *
     * @param places absolute, without links
     */
    boolean differsFor(Set<Path> places, MountTable other) {
        if (text.isEmpty() || other.text.isEmpty()) {
            return true;
        }
        Set<String> mounts = text.get().lines().collect(Collectors.toCollection(HashSet::new));
        Set<String> others = other.text.get().lines().collect(Collectors.toSet());
        Set<String> both = new HashSet<>(mounts);
        both.retainAll(others);
        return Stream.concat(mounts.stream(), others.stream())
                .filter(line -> !both.contains(line))
                .map(MountTable::place)
                .anyMatch(mounted -> places.stream().anyMatch(place -> place.startsWith(mounted)));
    }

    /** The fifth field of a line, in which blanks and the like are octal numbers. */
    private static Path place(String line) {
        String[] fields = line.split(" ");
        if (fields.length < 5) {
            return Path.of("/");
        }
        String name = OCTAL.matcher(fields[4])
                .replaceAll(
                        match -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(match.group(1), 8))));
        return Path.of(new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }
}
