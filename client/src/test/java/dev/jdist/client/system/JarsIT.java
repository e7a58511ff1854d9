package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The jars that are installed. */
class JarsIT {
    private static final Path LIB = Path.of(System.getProperty("jdist.dist"), "lib");

    /**
     * The class-data archive takes no class of a signed jar, a provider on offer is made by each process with TLS, and settings
     * of logback in a file are read by a parser of XML.
     */
    @Test
    void jar_ofTheTree_hasNothingThatCostsEachStart() throws IOException {
        List<String> found = new ArrayList<>();
        int jars = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(LIB, "*.jar")) {
            for (Path jar : all) {
                jars++;
                try (JarFile file = new JarFile(jar.toFile(), false)) {
                    file.stream()
                            .map(ZipEntry::getName)
                            .filter(JarsIT::costsEachStart)
                            .forEach(name -> found.add(jar.getFileName() + ": " + name));
                    // Digests of classes, which are read whole for the first class of a jar.
                    if (file.getManifest() != null
                            && !file.getManifest().getEntries().isEmpty()) {
                        found.add(jar.getFileName() + ": "
                                + file.getManifest().getEntries().size() + " entries in its manifest");
                    }
                }
            }
        }

        assertTrue(jars > 10, jars + " jars in " + LIB);
        assertEquals(List.of(), found);
    }

    private static boolean costsEachStart(String name) {
        return name.toUpperCase(Locale.ROOT).matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)")
                || name.equals("META-INF/services/java.security.Provider")
                || name.equals("logback.xml");
    }

    /** Nothing else of a jar is lost when its signatures are taken away. */
    @Test
    void jar_thatWasSigned_hasAllOtherFilesOfItsOriginal() throws IOException {
        List<String> missing = new ArrayList<>();
        int signed = 0;
        for (String path : System.getProperty("java.class.path").split(":")) {
            Path ours = LIB.resolve(Path.of(path).getFileName());
            if (!path.endsWith(".jar") || !Files.exists(ours)) {
                continue;
            }
            try (JarFile original = new JarFile(path);
                    JarFile copy = new JarFile(ours.toFile())) {
                if (original.stream().map(ZipEntry::getName).noneMatch(name -> name.endsWith(".SF"))) {
                    continue;
                }
                signed++;
                for (ZipEntry entry : original.stream().toList()) {
                    if (!entry.isDirectory()
                            && !costsEachStart(entry.getName())
                            && !entry.getName().equals(JarFile.MANIFEST_NAME)
                            // On a class path, nobody reads it.
                            && !entry.getName().endsWith("module-info.class")
                            && !sameContent(original, copy, entry.getName())) {
                        missing.add(ours.getFileName() + ": " + entry.getName());
                    }
                }
                assertEquals(
                        original.getManifest().getMainAttributes(),
                        copy.getManifest().getMainAttributes());
            }
        }

        assertTrue(signed > 0, "no signed jar among those that Maven has");
        assertEquals(List.of(), missing);
    }

    private static boolean sameContent(JarFile one, JarFile other, String name) throws IOException {
        ZipEntry entry = other.getEntry(name);
        if (entry == null) {
            return false;
        }
        try (InputStream first = one.getInputStream(one.getEntry(name));
                InputStream second = other.getInputStream(entry)) {
            return Arrays.equals(first.readAllBytes(), second.readAllBytes());
        }
    }
}
