package dev.jdist.builder.http;

import dev.jdist.builder.toolchain.Tars;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.Toolchain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** This machine's gcc for C, with a shell beside it, as an archive. Made once for all tests of a run. */
public record HostToolchain(byte[] archive, Toolchain id, String compiler) {
    private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

    static HostToolchain pack() throws IOException, InterruptedException {
        String compiler = found("gcc").toString();
        TreeMap<String, Path> files = new TreeMap<>();
        files.put("bin/sh", found("sh"));
        files.put(compiler.substring(1), Path.of(compiler));
        // Where the driver looks for them.
        String cc1 = output("gcc", "-print-prog-name=cc1").strip();
        files.put(cc1.substring(1), Path.of(cc1));
        files.put("usr/bin/as", found("as"));
        for (Path program : files.values().toArray(Path[]::new)) {
            Matcher libraries = LIBRARY.matcher(output("ldd", program.toString()));
            while (libraries.find()) {
                files.put(libraries.group(1).substring(1), Path.of(libraries.group(1)));
            }
        }
        Tars tars = new Tars().directory("tmp/");
        for (var file : files.entrySet()) {
            tars.add((byte) '0', file.getKey(), "", 0755, Files.readAllBytes(file.getValue()));
        }
        byte[] archive = tars.toGzip();
        ArchiveDigest digest = new ArchiveDigest();
        digest.update(archive, archive.length);
        return new HostToolchain(archive, digest.finish(), compiler);
    }

    private static Path found(String program) throws IOException {
        for (String directory : System.getenv("PATH").split(":")) {
            Path candidate = Path.of(directory, program);
            if (Files.isExecutable(candidate)) {
                return candidate.toRealPath();
            }
        }
        throw new IOException("there is no program " + program + " in PATH, which this test needs");
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
