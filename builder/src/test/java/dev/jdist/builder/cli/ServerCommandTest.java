package dev.jdist.builder.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.settings.Machine;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.sandbox.bubblewrap.SandboxStrategy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A builder that cannot start says why, in one line, and ends with 2. */
class ServerCommandTest {
    private final PrintStream standardError = System.err;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    @BeforeEach
    void redirect() {
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setErr(standardError);
        System.clearProperty("jdist.home");
    }

    private String good() {
        return """
                cache_dir = "%s/cache"
                public_addr = "127.0.0.1:10501"
                scheduler_url = "http://127.0.0.1:10600"
                toolchain_cache_size = "1G"
                [builder]
                type = "overlay"
                build_dir = "%s/build"
                bwrap_path = "/nowhere/bwrap"
                [scheduler_auth]
                type = "token"
                token = "very secret"
                """.formatted(directory, directory);
    }

    /** What is said when the builder starts with this file. The log, which stands before it, is another matter. */
    private String failure(String config) throws IOException {
        Path file = Files.writeString(directory.resolve("server.conf"), config);
        assertEquals(2, BuilderMain.commandLine().execute("server", "--config", file.toString()));
        String said = err.toString(StandardCharsets.UTF_8);
        assertFalse(said.contains("very secret"), said);
        return said.lines().reduce((before, last) -> last).orElse("");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "public_addr = \"127.0.0.1:10501\"|public_addr = \"localhost:10501\"|2|public_addr",
                "public_addr = \"127.0.0.1:10501\"|public_addr = \"0.0.0.0:10501\"|2|bind_address",
                "public_addr = \"127.0.0.1:10501\"|public_addr = 10501|2|public_addr",
                "scheduler_url|scheduler_ulr|3|scheduler_url",
                "http://127|ftp://127|3|scheduler_url",
                "\"1G\"|\"1X\"|4|toolchain_cache_size",
                "\"overlay\"|\"docker\"|7|unknown key",
                "\"overlay\"|\"pot\"|6|\"overlay\"",
                "\"overlay\"|\"overlai\"|6|overlay",
                "build_dir|biuld_dir|7|build_dir",
                "\"token\"|\"tokn\"|10|token"
            })
    void call_brokenSettings_namesFileLineAndKey(String what, String with, int line, String key) throws IOException {
        assertTrue(good().contains(what));

        String said = failure(good().replace(what, with));

        assertTrue(said.startsWith("jdist server: error: " + directory.resolve("server.conf") + ":" + line), said);
        assertTrue(said.contains(key), said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"scheduler_url|scheduler_url", "public_addr|public_addr", "[builder]|builder"})
    void call_missingSetting_namesFileAndKey(String what, String key) throws IOException {
        String without = good().lines().filter(line -> !line.startsWith(what)).reduce("", (a, b) -> a + b + "\n");

        String said = failure(without);

        assertTrue(said.startsWith("jdist server: error: " + directory.resolve("server.conf")), said);
        assertTrue(said.contains(key), said);
    }

    @Test
    void cpus_always_areAsManyAsTheSettingsSayOrAsThereAre() throws Exception {
        Machine machine = Machine.ofThisProcess();
        Path plain = Files.writeString(directory.resolve("plain.conf"), good());
        Path three = Files.writeString(directory.resolve("three.conf"), good() + "[jdist]\ncpus = 3\n");

        assertEquals(Runtime.getRuntime().availableProcessors(), ServerCommand.cpus(ServerConfig.read(plain, machine)));
        assertEquals(3, ServerCommand.cpus(ServerConfig.read(three, machine)));
    }

    @Test
    void call_missingFile_saysSo() {
        Path missing = directory.resolve("missing.conf");

        assertEquals(2, BuilderMain.commandLine().execute("server", "--config", missing.toString()));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains(missing.toString()));
    }

    @Test
    void call_noBubblewrap_saysWhatToInstall() throws IOException {
        System.setProperty("jdist.home", directory.toString());

        String said = failure(good());

        assertTrue(said.contains("there is no program /nowhere/bwrap; install bubblewrap"), said);
    }

    /** Two modules have the list, as neither knows the other. */
    @Test
    void sandboxes_ofTheSettings_areThoseThereAre() {
        assertEquals(
                ServerConfig.SANDBOXES,
                SandboxStrategy.BEST_FIRST.stream().map(SandboxStrategy::label).toList());
    }

    @Test
    void call_forcedSandboxThatDoesNotWork_saysWhy() throws IOException {
        System.setProperty("jdist.home", directory.toString());
        Path bwrap = Files.writeString(directory.resolve("bwrap"), "#!/bin/sh\necho bubblewrap 0.8.0\n");
        Files.setPosixFilePermissions(bwrap, PosixFilePermissions.fromString("rwxr-xr-x"));

        String said =
                failure(good().replace("/nowhere/bwrap", bwrap.toString()) + "[jdist]\nsandbox = \"bwrap-overlay\"\n");

        assertEquals(
                "jdist server: error: jobs cannot be run on this machine. bwrap-overlay: " + bwrap
                        + " is of version 0.8. It takes"
                        + " 0.11 or later is needed: install it, or set bwrap_path to it",
                said);
    }

    @Test
    void call_withoutTheLauncher_saysToUseIt() throws IOException {
        assertTrue(failure(good()).contains("start the builder with bin/jdist"));
    }

    @Test
    void call_directoryThatCannotBe_namesIt() throws IOException {
        Files.writeString(directory.resolve("cache"), "a file");

        assertTrue(failure(good()).contains(directory.resolve("cache").toString()));
    }
}
