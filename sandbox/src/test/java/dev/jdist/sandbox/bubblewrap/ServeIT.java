package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code jdist-sandbox serve} and {@code await} as the first process of a process namespace, hand-written requests, and
 * nothing else of a sandbox; the program as it is installed and with sanitizers.
 */
@ParameterizedClass
@ValueSource(booleans = {false, true})
@Timeout(60)
class ServeIT {
    private static final Path BWRAP = Path.of(System.getProperty(SandboxIT.BWRAP_PROPERTY, "/usr/bin/bwrap"));

    @TempDir
    private static Path programs;

    private static Path sanitizedHelper;

    @Parameter
    private boolean isSanitized;

    @TempDir
    private Path directory;

    private final Requests requests = new Requests();
    private boolean closesAtOnce;

    /** Writes requests as a builder does: see serve.c. */
    private static final class Requests {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);

        Requests kind(char kind) throws IOException {
            out.write(kind);
            return this;
        }

        Requests number(int number) throws IOException {
            out.writeInt(number);
            return this;
        }

        Requests text(Object text) throws IOException {
            byte[] encoded = text.toString().getBytes(StandardCharsets.UTF_8);
            out.writeInt(encoded.length);
            out.write(encoded);
            return this;
        }

        Requests file(Path path, String content) throws IOException {
            kind('f').text(path);
            out.write(0);
            return text(content).number(0);
        }

        Requests run(int wanted, Path workingDirectory, String... command) throws IOException {
            kind('r').number(wanted).text(workingDirectory).number(command.length);
            for (String argument : command) {
                text(argument);
            }
            return number(1).text("NAME=value");
        }
    }

    /** How the program ended, and what it said. */
    private record Ended(int code, String stdout, String stderr) {}

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        sanitizedHelper = SanitizedProgram.ofModule(programs);
    }

    @BeforeEach
    void needBubblewrap() {
        assumeTrue(Files.isExecutable(BWRAP), "skipped: bubblewrap is not installed (scripts/setup test does it)");
    }

    private Ended end(String command) throws IOException, InterruptedException {
        Path helper = isSanitized
                ? sanitizedHelper
                : Path.of("target/native/jdist-sandbox").toAbsolutePath();
        Path stdout = Files.createFile(directory.resolve("stdout"));
        Path stderr = directory.resolve("stderr");
        Files.createFile(status());
        List<String> line = List.of(
                BWRAP.toString(),
                "--unshare-pid",
                "--as-pid-1",
                "--ro-bind",
                "/",
                "/",
                "--dev",
                "/dev",
                "--proc",
                "/proc",
                "--bind",
                directory.toString(),
                directory.toString(),
                "--",
                helper.toString(),
                "confine",
                "--status",
                status().toString(),
                "--",
                helper.toString(),
                command);
        Process process = new ProcessBuilder(line)
                .redirectOutput(Redirect.appendTo(stdout.toFile()))
                .redirectError(stderr.toFile())
                .start();
        try (OutputStream in = process.getOutputStream()) {
            requests.bytes.writeTo(in);
            in.flush();
            // The answer to the last request; a command ends when the builder is gone before it.
            while (!closesAtOnce && process.isAlive() && !read(stdout).endsWith("a")) {
                Thread.sleep(10);
            }
        }
        return new Ended(process.waitFor(), read(stdout), read(stderr));
    }

    private Path status() {
        return directory.resolve("status");
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    /** What is there for a file that is not: the last answer of each test, by which it knows that all was answered. */
    private void askForNothing() throws IOException {
        requests.kind('o').text(directory.resolve("nothing"));
    }

    private static String text(String text) {
        return number(text.length()) + text;
    }

    private static String number(int number) {
        return "" + (char) (number >>> 24) + (char) (number >> 16 & 0xff) + (char) (number >> 8 & 0xff)
                + (char) (number & 0xff);
    }

    @Test
    void serve_filesAndCommands_areAnswered() throws Exception {
        requests.kind('d').text(directory.resolve("deep/er"));
        requests.file(directory.resolve("in/b"), "content");
        requests.run(1000, directory, "/bin/sh", "-c", "cat in/b; echo $NAME >&2; echo made >out; exit 3");
        requests.kind('o').text(directory.resolve("out"));
        askForNothing();
        String ran = "x" + number(3) + "-" + text("content") + text("value\n");
        assertEquals(new Ended(0, ran + "c" + text("made\n") + number(0) + "a", ""), end("serve"));
        assertTrue(Files.isDirectory(directory.resolve("deep/er")));
    }

    @Test
    void serve_commandThatPrintsNothing_isAnswered() throws Exception {
        requests.run(1000, directory, "/bin/true").run(1000, directory, "/bin/false");
        askForNothing();
        String nothing = text("") + text("");
        assertEquals(
                new Ended(0, "x" + number(0) + "-" + nothing + "x" + number(1) + "-" + nothing + "a", ""),
                end("serve"));
    }

    @Test
    void serve_commandThatPrintsAllThatIsWanted_isEnded() throws Exception {
        requests.run(3, directory, "/bin/sh", "-c", "echo 12345; exec sleep 600");
        askForNothing();
        String ran = "x" + number(128 + 9) + "-" + text("123") + text("");
        assertEquals(new Ended(0, ran + "a", ""), end("serve"));
    }

    /** Or it would be the file whose name is the part before. */
    @Test
    void serve_pathWithANul_isRefused() throws Exception {
        requests.file(directory.resolve("a"), "right").kind('f').text(directory.resolve("a") + "\0b");
        Ended ended = end("serve");
        assertEquals(
                new Ended(0, "eu" + text("a NUL byte behind " + directory.resolve("a") + ": Invalid argument"), ""),
                ended);
        assertEquals("right", Files.readString(directory.resolve("a")));
    }

    @Test
    void serve_nonsense_isRefused() throws Exception {
        requests.kind('z');
        assertEquals(new Ended(0, "es" + text("cannot understand a request: Protocol error"), ""), end("serve"));
    }

    @Test
    void await_requestThatIsCutOff_endsIt() throws Exception {
        requests.file(directory.resolve("a"), "all").kind('d').number(100);
        closesAtOnce = true;
        assertEquals(new Ended(1, "", ""), end("await"));
        assertEquals("all", Files.readString(directory.resolve("a")));
    }

    @Test
    void await_command_isAllThatIsLeft() throws Exception {
        requests.file(directory.resolve("in/b"), "content");
        requests.run(1000, directory, "/bin/sh", "-c", "cat in/b; echo $NAME >&2; exit 3");
        assertEquals(new Ended(3, "content", "value\n"), end("await"));
        assertEquals("b", read(status()));
    }

    @Test
    void await_missingProgram_isToldOnStandardError() throws Exception {
        requests.run(1000, directory, "/bin/no-such-program");
        assertEquals(
                new Ended(125, "", "jdist-sandbox: cannot run /bin/no-such-program: No such file or directory\n"),
                end("await"));
        assertEquals("", read(status()));
    }
}
