package dev.jdist.client.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.Farm.Result;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A farm whose builder compiles the sources themselves, beside the compilers alone. */
public final class SourcesFarm implements AutoCloseable {
    /** As many as keep two cores busy while some of them wait. */
    private static final int AT_A_TIME = 4;

    private static final String BY_SOURCES = ", of its sources";
    private static final String COMPILED = " was compiled by ";

    private final Farm farm;

    /** @param isCacheAsked whether what was compiled before is not compiled again */
    public SourcesFarm(Path directory, boolean isCacheAsked) throws IOException, InterruptedException {
        farm = new Farm(directory, PackedToolchains.directory());
        if (isCacheAsked) {
            farm.environment().remove("SCCACHE_RECACHE");
        }
        farm.environment().put("LC_ALL", "C.UTF-8");
        farm.writeClientConfigWithAuth(
                "type = \"token\"\ntoken = \"token-of-clients\"\n[jdist]\nsources = \"auto\"\naudit_per_mille = 0", "");
        farm.startScheduler();
        farm.startBuilder();
        farm.startClient();
    }

    public Farm farm() {
        return farm;
    }

    /**
     * What a command came to.
     *
     * @param files that it wrote, by name: kind, mode and digest
     */
    public record Made(Result result, Map<String, String> files) {}

    /**
     * Runs a command of the shell in a directory, and takes away what it made.
     *
     * @param compiler what {@code $CC} calls
     */
    public Made alone(Path work, String command, String compiler) throws IOException, InterruptedException {
        return run(work, command, compiler, compiler);
    }

    /** The same behind jdist. */
    public Made behind(Path work, String command, String compiler) throws IOException, InterruptedException {
        return run(work, command, farm.jdist() + " " + compiler, compiler);
    }

    private Made run(Path work, String command, String cc, String bare) throws IOException, InterruptedException {
        Map<String, String> before = look(work);
        Result result =
                farm.runProgram(work, List.of("/usr/bin/env", "CC=" + cc, "BARE=" + bare, "/bin/sh", "-c", command));
        Map<String, String> after = new TreeMap<>(look(work));
        after.entrySet().removeAll(before.entrySet());
        assertTrue(before.keySet().stream().noneMatch(after::containsKey), "written over: " + after.keySet());
        for (String made : after.keySet()) {
            Files.delete(work.resolve(made));
        }
        return new Made(result, after);
    }

    /** Files and links; of directories, only that they are there. */
    private static Map<String, String> look(Path work) throws IOException {
        Map<String, String> found = new TreeMap<>();
        Files.walkFileTree(work, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                found.put(work.relativize(file).toString(), describe(file, attributes));
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    private static String describe(Path file, BasicFileAttributes attributes) throws IOException {
        if (attributes.isSymbolicLink()) {
            return "link to " + Files.readSymbolicLink(file);
        }
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
        try {
            return mode + " "
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** How many units were compiled of their sources so far. */
    public long compiledBySources() throws IOException {
        return count(BY_SOURCES);
    }

    /** How many units builders compiled so far. */
    public long compiledByBuilders() throws IOException {
        return count(COMPILED);
    }

    private long count(String text) throws IOException {
        return farm.log("client").lines().filter(line -> line.contains(text)).count();
    }

    /** Whether this unit, of a name that no other unit has, was compiled of its sources since. */
    public boolean wasCompiledBySources(String unit) throws IOException {
        return farm.log("client")
                .lines()
                .anyMatch(line -> line.contains(" " + unit + COMPILED) && line.endsWith(BY_SOURCES));
    }

    /** What the log says of why units were not compiled of their sources. */
    public List<String> reasons() throws IOException {
        return farm.log("client")
                .lines()
                .filter(line -> line.contains("is compiled locally")
                        || line.contains("is left to the compiler")
                        || line.contains("is not sent as sources"))
                .distinct()
                .toList();
    }

    /** Runs all, some at a time. @return what they found wrong */
    public static List<String> inParallel(List<Callable<List<String>>> all) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            List<String> found = new ArrayList<>();
            for (Future<List<String>> one : threads.invokeAll(all)) {
                found.addAll(one.get());
            }
            return found;
        } finally {
            threads.shutdown();
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        farm.close();
    }
}
