package dev.jdist.client.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The native launcher, as it is installed and with sanitizers, and a daemon that answers any bytes. */
@ParameterizedClass
@EnumSource(LauncherKind.class)
@Timeout(60)
class LauncherAnswersIT {
    private static final String BROKEN = "jdist: the daemon sent a broken message; `jdist --stop-server` stops it\n";

    @Parameter
    private LauncherKind kind;

    @TempDir
    private Path directory;

    private Path compiler;

    /** What a launcher ended with, and what it printed. */
    private record Ended(int code, String stdout, String stderr) {
        /** As the compiler below ends. */
        static Ended compiled(String stderr) {
            return new Ended(7, "compiled\n", stderr);
        }
    }

    @BeforeEach
    void writeCompiler() throws IOException {
        compiler = Files.writeString(directory.resolve("cc"), "#!/bin/sh\necho compiled\nexit 7\n");
        Files.setPosixFilePermissions(compiler, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Has the launcher compile, and answers its request with bytes in hexadecimal, whereupon the daemon is gone. */
    private Ended answer(String bytes) throws IOException, InterruptedException {
        return answer(bytes, kind.program().toString(), compiler.toString(), "-c", "a.c");
    }

    private Ended answer(String bytes, String... command) throws IOException, InterruptedException {
        return serve(
                (in, channel) -> {
                    write(channel, bytes);
                    channel.shutdownOutput();
                    assertEquals("", new String(in.readAllBytes(), StandardCharsets.UTF_8), "nothing but the request");
                },
                command);
    }

    /** What a daemon does once it has read the request of a launcher, whereupon it is gone. */
    private interface Daemon {
        void serve(DataInputStream in, SocketChannel channel) throws IOException;
    }

    private static void write(SocketChannel channel, String bytes) throws IOException {
        channel.write(ByteBuffer.wrap(HexFormat.of().parseHex(bytes.replace(" ", ""))));
    }

    private Ended serve(Daemon daemon, String... command) throws IOException, InterruptedException {
        Path socket = directory.resolve("s");
        Path stdout = directory.resolve("stdout");
        Path stderr = directory.resolve("stderr");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            ProcessBuilder call = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectOutput(stdout.toFile())
                    .redirectError(stderr.toFile());
            call.environment().put("SCCACHE_SERVER_UDS", socket.toString());
            Process launcher = call.start();
            try (SocketChannel channel = server.accept()) {
                DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
                in.skipNBytes(in.readInt());
                daemon.serve(in, channel);
            }
            return new Ended(launcher.waitFor(), Files.readString(stdout), Files.readString(stderr));
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    // Columns: a message, what is wrong with it
    @ParameterizedTest
    @CsvSource({
        "00000001 02, an EXIT without a code",
        "00000009 02 00000000 00000005, an EXIT with less output than it says",
        "00000009 02 00000000 ffffffff, an EXIT with more output than a message can have",
        "00000011 03 00000000 00000000 00000000 00000001, a RUN that ends in a length",
        "00000015 03 00000000 00000000 00000000 00000000 00000000, a RUN of nothing",
        "00000005 06 ffffffff, a COMPARE of more files than it has",
        "0000000c 06 00000001 00000003 2f612f, a COMPARE of a path without its end",
        "00000005 07 7fffffff, an OFFER of more moves than it has",
        "00000016 07 00000001 00000001 61 00000000 00000000 00000000, an OFFER of a move to nowhere",
        "0000000d 02 00000100 00000000 00000000, an EXIT by no signal",
        "0000000d 02 00000200 00000000 00000000, an EXIT by a signal that there is not",
        "0000000d 02 00010000 00000000 00000000, an EXIT whose code would be 0 if it were cut",
        "0000000d 02 ffffffff 00000000 00000000, an EXIT with a negative code",
        "00000001 63, of no type that there is"
    })
    void brokenMessage_becomesTheCompiler(String message, String fault) throws Exception {
        assertEquals(Ended.compiled(BROKEN), answer(message), fault);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "00000000", "10000001", "ffffffff", "0000000d 02 00000000"})
    void messageThatIsCutOff_becomesTheCompiler(String message) throws Exception {
        assertEquals(Ended.compiled(""), answer(message));
    }

    // Columns: a message, why it cannot be done
    @ParameterizedTest
    @CsvSource({
        "0000001d 03 00000000 00000000 00000000 00000003 2f6e6f 00000001 00000001 78, there is no program",
        "0000001d 03 00000001 00000000 00000000 00000003 2f6e6f 00000001 00000001 78, nor one that is final",
        "00000021 03 00000000 00000004 2f6e2f6f 00000000 00000003 2f6e6f 00000001 00000001 78, no place for the output",
        "0000001e 03 00000002 00000000 00000000 00000004 2f746d70 00000001 00000001 78, a directory"
    })
    void runThatCannotBeDone_becomesTheCompiler(String message, String reason) throws Exception {
        assertEquals(Ended.compiled(""), answer(message), reason);
    }

    /** The daemon is killed before it hears, or after it has heard, how the compiler ended: its messages come once. */
    @ParameterizedTest
    @ValueSource(strings = {"", "00000001 63", "0000000d 02 00000000"})
    void finalRun_whoseDaemonIsGone_endsAsTheChildDid(String after) throws Exception {
        Path program = Files.writeString(directory.resolve("run"), "#!/bin/sh\necho ran\nexit 5\n");
        assertTrue(program.toFile().setExecutable(true));
        String path = program.toString();
        String order = "03 00000001 00000000 00000000 %08x %s 00000001 00000001 78".formatted(path.length(), hex(path));
        String run = "%08x".formatted(order.replace(" ", "").length() / 2) + order;
        Ended ended = serve(
                (in, channel) -> {
                    write(channel, run);
                    in.skipNBytes(in.readInt());
                    write(channel, after);
                },
                kind.program().toString(),
                compiler.toString(),
                "-c",
                "a.c");
        assertEquals(5, ended.code());
        assertEquals("ran\n", ended.stdout());
    }

    /** A shell runs it all the same. */
    @Test
    void scriptThatSaysNotWhatRunsIt_isRunByTheShell() throws Exception {
        Files.writeString(compiler, "echo compiled\ntest $1 = -c || exit 8\nexit 7\n");

        assertEquals(Ended.compiled(""), answer("00000001 04"));
    }

    /** As in a chroot that has none. */
    @Test
    void withoutProc_becomesTheCompiler() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "skipped: only root mounts");
        assumeTrue(
                kind == LauncherKind.INSTALLED && !Boolean.getBoolean("jdist.sanitized"),
                "skipped: sanitizers need /proc");
        Process launcher = new ProcessBuilder(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        "mount -t tmpfs none /proc && exec \"$0\" \"$@\"",
                        kind.program().toString(),
                        compiler.toString(),
                        "-c",
                        "a.c")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();

        assertEquals(
                "jdist: /proc is not mounted; compiling without jdist\ncompiled\n",
                new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(7, launcher.waitFor());
    }

    /** Nothing is moved for an offer that cannot be ended with. */
    @Test
    void offerWithABrokenEnd_movesNothing() throws Exception {
        Path object = Files.writeString(directory.resolve("a.o"), "old");
        Files.writeString(directory.resolve("b"), "new");
        String moves = "00000002" + "00000001" + hex("b") + "00000003" + hex("a.o");
        assertEquals(Ended.compiled(BROKEN), answer("00000016" + "07" + moves + "00000000" + "00"));
        assertEquals("old", Files.readString(object));
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void exit_isObeyed() throws Exception {
        assertEquals(new Ended(3, "ab", "c"), answer("00000010 02 00000003 00000002 6162 00000001 63"));
    }

    /** What it prints must not reach the daemon, whose connection has the number of the first file that is free. */
    @ParameterizedTest
    @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"})
    void closedStreams_areNotTakenForTheConnection(String closed) throws Exception {
        String bytes = "00000010 02 00000003 00000002 6162 00000001 63";
        String[] command = {
            "/bin/sh", "-c", "exec \"$@\" " + closed, "sh", kind.program().toString(), compiler.toString(), "-c", "a.c"
        };
        assertEquals(3, answer(bytes, command).code());
    }

    /** Programs may end with any code, which is no signal then; and make reports a signal as one. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "129, 129", "139, 139", "147, 147", "255, 255", "258, -2", "267, -11", "271, -15"})
    void status_endsLikeTheProgram(int status, int ended) throws Exception {
        String bytes = "0000000d 02 %08x 00000000 00000000".formatted(status);
        String tell = "import subprocess, sys; print(subprocess.call(sys.argv[1:]))";
        assertEquals(
                new Ended(0, ended + "\n", ""),
                answer(bytes, "python3", "-c", tell, kind.program().toString(), compiler.toString(), "-c", "a.c"));
    }

    /** Some build tools leave a pipe so that a full one refuses what is written to it. */
    @Test
    void exitWithMoreThanANonBlockingPipeTakes_printsAll() throws Exception {
        String nonBlocking = "import os, subprocess, sys, time\n"
                + "reader, writer = os.pipe()\n"
                + "os.set_blocking(writer, False)\n"
                + "process = subprocess.Popen(sys.argv[1:], stdout=writer)\n"
                + "os.close(writer)\n"
                + "time.sleep(0.2)\n"
                + "total = 0\n"
                + "while part := os.read(reader, 1 << 16):\n"
                + "    total += len(part)\n"
                + "sys.exit(total // 100000 if process.wait() == 0 else 99)\n";
        int length = 300_000;
        String bytes = "%08x 02 00000000 %08x %s 00000000".formatted(13 + length, length, "78".repeat(length));
        List<String> words =
                List.of("python3", "-c", nonBlocking, kind.program().toString(), compiler.toString());
        assertEquals(new Ended(3, "", ""), answer(bytes, words.toArray(String[]::new)));
    }
}
