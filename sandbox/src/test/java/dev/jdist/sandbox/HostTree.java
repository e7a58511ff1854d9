package dev.jdist.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A root file system with a few of this machine's programs and the libraries they need. */
public final class HostTree {
    private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

    private HostTree() {}

    /** @param programs names to look up in PATH; each lands in {@code /bin} */
    public static void fill(Path root, String... programs) throws IOException, InterruptedException {
        for (String program : programs) {
            Path found = find(program);
            copy(found, root.resolve("bin").resolve(program));
            addLibraries(root, found);
        }
    }

    /** Adds the libraries that a program needs: none if it is static. */
    public static void addLibraries(Path root, Path program) throws IOException, InterruptedException {
        Matcher libraries = LIBRARY.matcher(output("ldd", program.toString()));
        while (libraries.find()) {
            Path library = Path.of(libraries.group(1));
            copy(library, root.resolve(library.toString().substring(1)));
        }
    }

    private static Path find(String program) throws IOException {
        for (String directory : System.getenv("PATH").split(":")) {
            Path candidate = Path.of(directory, program);
            if (Files.isExecutable(candidate)) {
                return candidate.toRealPath();
            }
        }
        throw new IOException("there is no program " + program + " in PATH, which this test needs");
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from.toRealPath(), to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
