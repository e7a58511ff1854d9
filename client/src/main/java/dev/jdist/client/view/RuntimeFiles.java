package dev.jdist.client.view;

import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What any program reads when it starts, whatever it compiles: of the loader, of locales, of character sets. A result does not
 * depend on it, but through the settings that choose among it, and through the programs themselves.
 */
final class RuntimeFiles {
    private static final Set<Path> FILES = Set.of(
            Path.of("/etc/ld.so.cache"),
            Path.of("/etc/ld.so.preload"),
            Path.of("/etc/ld-musl-x86_64.path"),
            Path.of("/etc/locale.alias"),
            Path.of("/etc/localtime"));
    private static final Pattern DIRECTORIES = Pattern.compile("/usr/(?:local/)?(?:share|lib|lib64)/locale/.*"
            + "|/usr/share/zoneinfo/.*|/usr/lib(?:64)?/(?:[^/]*/)?gconv/.*");
    private static final Pattern LIBRARY = Pattern.compile(".*\\.so(?:\\.[0-9]+)*");

    private RuntimeFiles() {}

    static boolean contain(Path file) {
        String path = file.toString();
        return FILES.contains(file)
                || DIRECTORIES.matcher(path).matches()
                || LIBRARY.matcher(path).matches();
    }
}
