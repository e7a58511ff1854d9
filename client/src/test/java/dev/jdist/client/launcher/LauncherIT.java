package dev.jdist.client.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.OutputFile;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.compiler.OutputManner;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.testing.CacheDaemon;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.wire.Bytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The native launcher, as it is installed and with sanitizers, and a daemon that does what the test says. */
@ParameterizedClass
@EnumSource(LauncherKind.class)
@Timeout(60)
class LauncherIT {
    @Parameter
    private LauncherKind kind;

    @TempDir
    private Path directory;

    /** Calls the launcher for gcc, and has it served. */
    private void serve(int exitCode, Consumer<Launcher> service) throws Exception {
        serve(new ProcessBuilder(kind.program().toString(), "gcc", "-c", "a.c"), exitCode, service);
    }

    private void serve(ProcessBuilder call, int exitCode, Consumer<Launcher> service) throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        CompletableFuture<Void> served = new CompletableFuture<>();
        Path socket = Files.createDirectory(directory.resolve("private")).resolve("s");
        try (EventLoops loops = EventLoops.forUnixSockets();
                LauncherServer server = LauncherServer.open(
                        loops,
                        socket,
                        1 << 20,
                        (launcher, words) -> served.completeAsync(
                                () -> {
                                    service.accept(launcher);
                                    return null;
                                },
                                thread))) {
            server.serve();
            call.environment().put("SCCACHE_SERVER_UDS", socket.toString());
            assertEquals(exitCode, call.inheritIO().start().waitFor());
            served.get();
        } finally {
            thread.shutdown();
        }
    }

    @Test
    void filesAsTheyWere_areToldFromThoseThatChanged() throws Exception {
        Path same = Files.writeString(directory.resolve("same with a space, and ü"), "1");
        Path longer = Files.writeString(directory.resolve("longer"), "1");
        Path older = Files.writeString(directory.resolve("older"), "1");
        Path gone = Files.writeString(directory.resolve("gone"), "1");
        Path replaced = Files.writeString(directory.resolve("replaced"), "1");
        Path inner = Files.createDirectory(directory.resolve("inner"));
        Files.setLastModifiedTime(replaced, FileTime.fromMillis(0));
        FileFingerprints.Builder stamped = new FileFingerprints.Builder();
        for (Path file : List.of(same, longer, older, gone, replaced, inner, same)) {
            stamped.add(file, FileStat.of(file).orElseThrow());
        }
        Path appeared = directory.resolve("appeared");
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), Path.of("nowhere"));
        for (Path nothing : List.of(appeared, directory.resolve("nothing"), same.resolve("below a file"), dangling)) {
            stamped.addAbsent(nothing);
        }
        Path busy = Files.createDirectory(directory.resolve("busy"));
        for (Path file : List.of(busy, longer, replaced, gone)) {
            stamped.addAnyState(file, FileStat.of(file).orElseThrow());
        }
        Files.writeString(busy.resolve("new"), "");
        Files.writeString(appeared, "");
        Files.writeString(longer, "12");
        Files.setLastModifiedTime(older, FileTime.fromMillis(1_500));
        Files.delete(gone);
        replace(replaced);
        serve(3, launcher -> {
            launcher.compare(stamped.build());
            LauncherOffer offer = offer(file("a.o", OutputManner.REPLACED, "object"));
            assertEquals(BitSet.valueOf(new long[] {0b0110_0000_1001_1110}), launcher.offer(offer, Assertions::fail));
            launcher.exit(3, Bytes.EMPTY, Bytes.EMPTY);
        });
        assertFalse(Files.exists(directory.resolve("a.o")));
    }

    /** What a client command says on standard error where no daemon runs. */
    private String saidByACommand(Map<String, String> variables) throws Exception {
        ProcessBuilder command = new ProcessBuilder(kind.program().toString(), "--stop-server")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        command.environment().keySet().removeIf(name -> name.startsWith("SCCACHE_"));
        command.environment().put("SCCACHE_SERVER_UDS", directory.resolve("s").toString());
        command.environment().putAll(variables);
        Process process = command.start();
        String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(2, process.waitFor(), said);
        return said;
    }

    /** Java reads the same in Logging. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | false",
                "error | false",
                "info | false",
                "debug | true",
                "trace | true",
                "off | false",
                "DEBUG | true",
                "' debug ' | true",
                "sccache=debug | true",
                "sccache::dist::http=trace | true",
                "jdist=trace | true",
                "hyper=trace | false",
                "hyper=trace,debug | true",
                "debug,sccache=info | false",
                "other=trace, sccache = debug | true",
                "sccache=debug,error | true",
                "sccache | true",
                "sccache= | true",
                "debug/regex | true",
                "sccache=info/reg=ex,trace | false",
                "nonsense | false",
                "sccache=nonsense | false",
                ", , | false",
                "= | false",
                "debugging | false",
            })
    void clientCommand_anyDirectives_logsWhatEnvLoggerWouldLogOfSccache(String directives, boolean speaks)
            throws Exception {
        String said = saidByACommand(Map.of("SCCACHE_LOG", directives));
        assertEquals(speaks, said.contains("DEBUG"), said);
    }

    @Test
    void clientCommand_debugWanted_saysWhatItDoesInEnvLoggersForm() throws Exception {
        String said = saidByACommand(Map.of("SCCACHE_LOG", "debug"));
        assertTrue(said.matches("(?s)\\[\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ DEBUG jdist\\] .*"), said);
        assertTrue(said.contains("no client daemon runs on " + directory.resolve("s") + "\n"), said);
        String millis = saidByACommand(Map.of("SCCACHE_LOG", "debug", "SCCACHE_LOG_MILLIS", "no"));
        assertTrue(millis.matches("(?s)\\[\\S+T\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z DEBUG jdist\\] .*"), millis);
    }

    private static LauncherOffer offer(OutputFile... outputs) {
        return new LauncherOffer(List.of(outputs), Bytes.EMPTY, Bytes.EMPTY);
    }

    private OutputFile file(String name, OutputManner manner, String content) {
        return new OutputFile(
                directory.resolve(name), manner, out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
    }

    private FileFingerprints oneThatIsAsItWas() throws IOException {
        Path file = Files.writeString(directory.resolve("a.c"), "");
        return new FileFingerprints.Builder()
                .add(file, FileStat.of(file).orElseThrow())
                .build();
    }

    @Test
    void offerThatHolds_isTaken() throws Exception {
        Path old = Files.writeString(directory.resolve("a.o"), "old");
        Path kept = Files.createLink(directory.resolve("kept"), old);
        LauncherOffer offer =
                offer(file("a.o", OutputManner.REPLACED, "new"), file("a.d", OutputManner.WRITTEN_OVER, "a.o: a.c\n"));
        FileFingerprints files = oneThatIsAsItWas();
        FileFingerprints others =
                new FileFingerprints.Builder().addAbsent(directory).build();
        AtomicBoolean taken = new AtomicBoolean();
        serve(0, launcher -> {
            launcher.compare(others);
            launcher.compare(files);
            assertEquals(new BitSet(), launcher.offer(offer, () -> taken.set(true)));
        });
        assertTrue(taken.get());
        assertEquals("new", Files.readString(old));
        assertEquals("old", Files.readString(kept));
        assertEquals("a.o: a.c\n", Files.readString(directory.resolve("a.d")));
        assertEquals(Set.of("a.c", "a.d", "a.o", "kept", "private"), names());
    }

    private Set<String> names() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void offerOfAFileThatCannotBePutThere_isNotTaken() throws Exception {
        Files.createDirectory(directory.resolve("a.o"));
        LauncherOffer offer =
                offer(file("a.o", OutputManner.REPLACED, "new"), file("a.d", OutputManner.WRITTEN_OVER, "a.o: a.c\n"));
        FileFingerprints files = oneThatIsAsItWas();
        serve(3, launcher -> {
            launcher.compare(files);
            assertEquals(files.all(), launcher.offer(offer, Assertions::fail));
            launcher.exit(3, Bytes.EMPTY, Bytes.EMPTY);
        });
        assertFalse(Files.exists(directory.resolve("a.d")));
    }

    /** Has the launcher write a file. */
    private void write(OutputManner manner, String content) throws Exception {
        serve(0, launcher -> {
            try {
                launcher.write(List.of(file("a.o", manner, content)));
            } catch (IOException | CallerGoneException | InterruptedException e) {
                throw new AssertionError(e);
            }
            launcher.exit(0, Bytes.EMPTY, Bytes.EMPTY);
        });
    }

    @ParameterizedTest
    @EnumSource(OutputManner.class)
    void write_whereNothingIs_makesAFileWithTheCallersMode(OutputManner manner) throws Exception {
        String large = "0123456789abcde\n".repeat(200_000);
        write(manner, large);
        assertEquals(large, Files.readString(directory.resolve("a.o")));
        Path like = directory.resolve("like");
        Files.writeString(like, "");
        assertEquals(Files.getPosixFilePermissions(like), Files.getPosixFilePermissions(directory.resolve("a.o")));
        assertEquals(Set.of("a.o", "like", "private"), names());
    }

    // Columns: the manner, what the link leads to (nothing: nowhere), whether it is a link still.
    @ParameterizedTest
    @CsvSource({
        "REPLACED,old,false", "REPLACED,'',false", "REPLACED,,false",
        "REPLACED_UNLESS_EMPTY,old,false", "REPLACED_UNLESS_EMPTY,'',true", "REPLACED_UNLESS_EMPTY,,true",
        "WRITTEN_OVER,old,true", "WRITTEN_OVER,'',true", "WRITTEN_OVER,,true"
    })
    void write_whereALinkIs_followsItAsTheCompilerDoes(OutputManner manner, @Nullable String old, boolean followed)
            throws Exception {
        Path target = directory.resolve("target");
        if (old != null) {
            Files.writeString(target, old);
        }
        Path link = Files.createSymbolicLink(directory.resolve("a.o"), target);
        write(manner, "new");
        assertEquals("new", Files.readString(link));
        assertEquals(followed, Files.isSymbolicLink(link));
        if (followed) {
            assertEquals("new", Files.readString(target));
        } else if (old != null) {
            assertEquals(old, Files.readString(target));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "REPLACED,old,false",
        "REPLACED,'',false",
        "REPLACED_UNLESS_EMPTY,old,false",
        "REPLACED_UNLESS_EMPTY,'',true",
        "WRITTEN_OVER,a longer old one,true",
        "WRITTEN_OVER,'',true"
    })
    void write_whereAFileIs_keepsModeAndOtherNamesAsTheCompilerDoes(OutputManner manner, String old, boolean kept)
            throws Exception {
        Path file = Files.writeString(directory.resolve("a.o"), old);
        Path other = Files.createLink(directory.resolve("other"), file);
        Set<PosixFilePermission> mode = PosixFilePermissions.fromString("rw--w----");
        Files.setPosixFilePermissions(file, mode);
        write(manner, "new");
        assertEquals("new", Files.readString(file));
        assertEquals(kept ? "new" : old, Files.readString(other));
        assertEquals(kept, Files.getPosixFilePermissions(file).equals(mode));
    }

    @Test
    void write_toADevice_isForTheCompilerUnlessThatOpensIt() throws Exception {
        OutputFile written = new OutputFile(Path.of("/dev/null"), OutputManner.WRITTEN_OVER, out -> out.write('n'));
        OutputFile replaced = new OutputFile(Path.of("/dev/null"), OutputManner.REPLACED, out -> out.write('n'));
        serve(0, launcher -> {
            try {
                launcher.write(List.of(written));
                assertThrows(IOException.class, () -> launcher.write(List.of(replaced)));
            } catch (IOException | CallerGoneException | InterruptedException e) {
                throw new AssertionError(e);
            }
            launcher.exit(0, Bytes.EMPTY, Bytes.EMPTY);
        });
        assertFalse(Files.isRegularFile(Path.of("/dev/null")));
    }

    /** Nor is anything left of the other outputs. */
    @Test
    void write_ofADamagedFile_changesNothing() throws Exception {
        Path old = Files.writeString(directory.resolve("a.o"), "old");
        OutputFile damaged = new OutputFile(directory.resolve("a.dwo"), OutputManner.REPLACED, out -> {
            out.write('d');
            throw new IOException("damaged");
        });
        List<OutputFile> files = List.of(
                file("a.o", OutputManner.REPLACED, "new"), damaged, file("a.dia", OutputManner.REPLACED, "new"));
        serve(0, launcher -> {
            assertThrows(IOException.class, () -> launcher.write(files));
            launcher.exit(0, Bytes.EMPTY, Bytes.EMPTY);
        });
        assertEquals("old", Files.readString(old));
        assertEquals(Set.of("a.o", "private"), names());
    }

    private static RunCommand script(String text) {
        return new RunCommand(
                RunCommand.Kind.STEP, Optional.empty(), Optional.empty(), "/bin/sh", List.of("sh", "-c", text));
    }

    /** As under nohup, whose builds outlive a terminal. */
    @Test
    void signalThatTheCallerIgnores_isIgnoredWhileTheCompilerRuns() throws Exception {
        ProcessBuilder call = new ProcessBuilder(
                "/bin/sh",
                "-c",
                "trap '' HUP; exec \"$0\" gcc -c a.c",
                kind.program().toString());
        serve(call, 5, launcher -> {
            try {
                assertEquals(5, launcher.run(script("kill -HUP $PPID; exit 5")));
            } catch (CallerGoneException | InterruptedException e) {
                throw new AssertionError(e);
            }
            launcher.exit(5, Bytes.EMPTY, Bytes.EMPTY);
        });
    }

    /** As under daemons that do not want to hear of their children. */
    @Test
    void signalOfChildrenThatTheCallerIgnores_hidesNoExitCode() throws Exception {
        String ignoring = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
                + "os.execv(sys.argv[1], sys.argv[1:])";
        ProcessBuilder call =
                new ProcessBuilder("python3", "-c", ignoring, kind.program().toString(), "gcc", "-c", "a.c");
        serve(call, 5, launcher -> {
            try {
                assertEquals(5, launcher.run(script("exit 5")));
            } catch (CallerGoneException | InterruptedException e) {
                throw new AssertionError(e);
            }
            launcher.exit(5, Bytes.EMPTY, Bytes.EMPTY);
        });
    }

    /** clang ends with such codes when a part of it crashed. */
    @Test
    void exitCodeLikeThatOfASignal_isToldFromTheSignal() throws Exception {
        serve(139, launcher -> {
            try {
                assertEquals(139, launcher.run(script("exit 139")));
                assertEquals(256 + 11, launcher.run(script("kill -SEGV $$")));
            } catch (CallerGoneException | InterruptedException e) {
                throw new AssertionError(e);
            }
            launcher.exit(139, Bytes.EMPTY, Bytes.EMPTY);
        });
    }

    @Test
    void signalThatEndsTheLauncher_endsTheCompilerToo() throws Exception {
        Path number = directory.resolve("process");
        RunCommand endless = script("echo $$ >" + number + "; kill -TERM $PPID; exec sleep 600");
        serve(128 + 15, launcher -> assertThrows(CallerGoneException.class, () -> launcher.run(endless)));
        Optional<ProcessHandle> process =
                ProcessHandle.of(Long.parseLong(Files.readString(number).strip()));
        if (process.isPresent()) {
            process.get().onExit().get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void wordsThatADaemonDoesNotUnderstand_areForTheCompiler() throws Exception {
        ByteBuf notUtf8 = LauncherFrames.request(0, 0, "/", "gcc", List.of(new byte[] {(byte) 0xff}), List.of());
        ByteBuf ofAnotherVersion = LauncherFrames.request("gcc", "gcc").setInt(1, 7);
        ByteBuf noRequest = LauncherFrames.done(0);
        ByteBuf cutOff = LauncherFrames.request("gcc", "gcc", "-c", "a.c").slice(0, 20);
        try (CacheDaemon daemon = new CacheDaemon(CacheDaemon.jdist(), directory.resolve("daemon"))) {
            for (ByteBuf words : List.of(notUtf8, ofAnotherVersion, noRequest, cutOff)) {
                assertEquals("04", answer(daemon, words), ByteBufUtil.hexDump(words));
            }
            ByteBuf question =
                    LauncherFrames.request("", "jdist", "--show-stats").setInt(1, 7);
            assertTrue(answer(daemon, question).startsWith("02"), "an answer to a question is an EXIT in all versions");
        }
    }

    /** The first frame that a daemon answers with, in hexadecimal. */
    private static String answer(CacheDaemon daemon, ByteBuf words) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(daemon.socket()))) {
            channel.write(ByteBuffer.allocate(4 + words.readableBytes())
                    .putInt(words.readableBytes())
                    .put(ByteBufUtil.getBytes(words))
                    .flip());
            DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
            return ByteBufUtil.hexDump(in.readNBytes(in.readInt()));
        }
    }

    /** Another file with the same name, size and time of modification. */
    private static void replace(Path file) throws IOException {
        Path other = Files.writeString(file.resolveSibling("other"), "2");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}
