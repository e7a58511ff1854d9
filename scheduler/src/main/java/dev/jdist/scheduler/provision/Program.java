package dev.jdist.scheduler.provision;

import dev.jdist.protocol.daemon.StartupException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The jdist that is installed on a builder's machine.
 *
 * @param kind an archive, which is the only file, or packages
 * @param architecture as {@code uname -m} prints it, or {@link #ANY}
 * @param bringsJava whether no Java runtime is wanted there beforehand
 * @param digest over all files, by which an installation is recognised
 */
record Program(Kind kind, List<Path> files, String architecture, boolean bringsJava, String digest) {
    static final String ANY = "any";

    enum Kind {
        ARCHIVE,
        PACKAGES
    }

    Program {
        files = List.copyOf(files);
    }

    String names() {
        return String.join(
                " ", files.stream().map(file -> file.getFileName().toString()).toList());
    }

    /** @throws StartupException if one is not there, or its name does not tell for which machines it is */
    static Program packages(List<Path> files) throws StartupException, IOException {
        String architecture = ANY;
        for (Path file : files) {
            if (!Files.isReadable(file)) {
                throw new StartupException("there is no package " + file);
            }
            String name = file.getFileName().toString();
            if (name.endsWith("_amd64.deb")) {
                architecture = "x86_64";
            } else if (name.endsWith("_arm64.deb")) {
                architecture = "aarch64";
            } else if (!name.endsWith("_all.deb")) {
                throw new StartupException(file + " is not a Debian package for a known kind of machine (…_amd64.deb,"
                        + " …_arm64.deb, …_all.deb)");
            }
        }
        return new Program(Kind.PACKAGES, files, architecture, true, digest(files));
    }

    /** @param tree the directory of the running jdist: {@code mvn package} puts the archive beside it */
    static Program archiveBeside(Path tree) throws StartupException, IOException, InterruptedException {
        Path directory = tree.toAbsolutePath().getParent();
        List<Path> found = new ArrayList<>();
        if (directory != null) {
            try (DirectoryStream<Path> archives = Files.newDirectoryStream(directory, "jdist-*-linux-*.tar.gz")) {
                archives.forEach(found::add);
            }
        }
        if (found.size() != 1) {
            throw new StartupException((found.isEmpty()
                            ? "there is not an archive of jdist in "
                            : "there are several archives of jdist in ")
                    + directory + "; name one with --archive");
        }
        return archive(found.get(0));
    }

    /** @throws StartupException if it is not an archive of jdist */
    static Program archive(Path file) throws StartupException, IOException, InterruptedException {
        if (!Files.isReadable(file)) {
            throw new StartupException("there is no archive " + file);
        }
        List<String> contents = list(file);
        String top = contents.isEmpty() ? "" : contents.get(0).replaceFirst("/.*", "");
        if (!contents.contains(top + "/bin/jdist")) {
            throw new StartupException(file + " is not an archive of jdist: " + top + "/bin/jdist is not in it");
        }
        return new Program(
                Kind.ARCHIVE,
                List.of(file),
                top.substring(top.lastIndexOf('-') + 1),
                contents.contains(top + "/runtime/bin/java"),
                digest(List.of(file)));
    }

    private static List<String> list(Path file) throws StartupException, IOException, InterruptedException {
        Path names = Files.createTempFile("jdist-archive-", ".list");
        try {
            Process tar = new ProcessBuilder(
                            "tar", "-tzf", file.toAbsolutePath().toString())
                    .redirectOutput(names.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            // As long as it takes: a file has an end, and whoever waits for it sits at a terminal.
            if (tar.waitFor() != 0) {
                throw new StartupException(file + " is not a .tar.gz");
            }
            return new String(Files.readAllBytes(names), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } finally {
            Files.delete(names);
        }
    }

    private static String digest(List<Path> files) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files) {
                try (InputStream in =
                        new DigestInputStream(new BufferedInputStream(Files.newInputStream(file)), digest)) {
                    in.transferTo(OutputStream.nullOutputStream());
                }
            }
            return "sha256:" + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
