package dev.jdist.client.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.OutputFile;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.compiler.OutputManner;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.launcher.LauncherMessages.MalformedException;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.wire.Bytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The daemon's end of the socket, and a hand-written launcher at the other. */
@Timeout(60)
class LauncherServerTest {
    @TempDir
    private Path directory;

    private static final EventLoops LOOPS = EventLoops.forUnixSockets();
    private static final int MAX_FRAME = 1 << 21;

    private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
    private final List<Wire> wires = new ArrayList<>();
    private Path socket;
    private LauncherServer server;

    private record Call(Launcher launcher, LauncherFrame words) {
        CallerRequest request() throws MalformedException {
            return words.read().orElseThrow();
        }
    }

    /** Speaks with the daemon in frames. */
    private static final class Wire implements AutoCloseable {
        private final SocketChannel channel;
        private final DataInputStream in;

        Wire(Path socket) throws IOException {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            in = new DataInputStream(Channels.newInputStream(channel));
        }

        void send(ByteBuf frame) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(4 + frame.readableBytes());
            bytes.putInt(frame.readableBytes()).put(ByteBufUtil.getBytes(frame)).flip();
            write(bytes);
        }

        void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        /** The next frame in hexadecimal, or nothing at the end. */
        Optional<String> receive() throws IOException {
            try {
                return Optional.of(ByteBufUtil.hexDump(in.readNBytes(in.readInt())));
            } catch (EOFException e) {
                return Optional.empty();
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        socket = directory.resolve("s");
        server = listen();
        server.serve();
    }

    private LauncherServer listen() throws StartupException, IOException {
        return LauncherServer.open(LOOPS, socket, MAX_FRAME, (launcher, words) -> calls.add(new Call(launcher, words)));
    }

    @AfterEach
    void stop() throws IOException {
        for (Wire wire : wires) {
            wire.close();
        }
        server.close();
    }

    @AfterAll
    static void stopLoops() {
        LOOPS.close();
    }

    private Wire connect() throws IOException {
        Wire wire = new Wire(socket);
        wires.add(wire);
        return wire;
    }

    private Call call(Wire wire) throws IOException, InterruptedException {
        wire.send(LauncherFrames.request("/usr/bin/gcc", "gcc", "-c", "a.c"));
        return calls.take();
    }

    private static Future<Integer> runInBackground(Launcher launcher) {
        RunCommand order =
                new RunCommand(RunCommand.Kind.STEP, Optional.empty(), Optional.empty(), "/bin/cc", List.of("cc"));
        CompletableFuture<Integer> code = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        code.complete(launcher.run(order));
                    } catch (CallerGoneException | InterruptedException e) {
                        code.completeExceptionally(e);
                    }
                })
                .start();
        return code;
    }

    @Test
    void socket_isForItsOwnerOnly() throws IOException {
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(socket));
    }

    @Test
    void request_reachesTheServiceAndExitTheLauncher() throws Exception {
        Wire wire = connect();
        Call call = call(wire);
        assertEquals(List.of("-c", "a.c"), call.request().options());
        call.launcher.exit(7, Bytes.utf8("o"), Bytes.EMPTY);
        assertEquals(Optional.of("02" + "00000007" + "00000001" + "6f" + "00000000"), wire.receive());
        assertEquals(Optional.empty(), wire.receive());
    }

    @Test
    void request_inPieces_isOneRequest() throws Exception {
        Wire wire = connect();
        ByteBuf frame = LauncherFrames.request("/usr/bin/gcc", "gcc", "-c", "a.c");
        wire.write(ByteBuffer.allocate(4).putInt(frame.readableBytes()).flip());
        for (byte octet : ByteBufUtil.getBytes(frame)) {
            wire.write(ByteBuffer.wrap(new byte[] {octet}));
        }
        assertEquals("/usr/bin/gcc", calls.take().request().executable());
    }

    @Test
    void become_endsTheConversation() throws Exception {
        Wire wire = connect();
        call(wire).launcher.become();
        assertEquals(Optional.of("04"), wire.receive());
        assertEquals(Optional.empty(), wire.receive());
    }

    @Test
    void run_waitsForTheChild() throws Exception {
        Wire wire = connect();
        Launcher launcher = call(wire).launcher;
        for (int code : List.of(0, 139)) {
            Future<Integer> running = runInBackground(launcher);
            assertTrue(wire.receive().orElseThrow().startsWith("03"));
            assertFalse(running.isDone());
            wire.send(LauncherFrames.done(code));
            assertEquals(code, running.get());
        }
    }

    @Test
    void launcherThatGoesWhileItsChildRuns_isMissed() throws Exception {
        Wire wire = connect();
        Launcher launcher = call(wire).launcher;
        Future<Integer> running = runInBackground(launcher);
        wire.receive();
        wire.close();
        ExecutionException e = assertThrows(ExecutionException.class, running::get);
        assertEquals(CallerGoneException.class, e.getCause().getClass());
        assertNull(launcher.gone().toCompletableFuture().get());
        assertThrows(
                CallerGoneException.class,
                () -> launcher.run(new RunCommand(
                        RunCommand.Kind.LAST_STEP, Optional.empty(), Optional.empty(), "/bin/cc", List.of("cc"))));
    }

    private static final LauncherOffer OFFER =
            new LauncherOffer(List.of(file(out -> out.write('o'))), Bytes.utf8("x"), Bytes.EMPTY);

    private static OutputFile file(OutputFile.Content content) {
        return new OutputFile(Path.of("/o"), OutputManner.REPLACED, content);
    }

    private static final FileFingerprints FILES = new FileFingerprints.Builder()
            .add(Path.of("/a"), new FileStat(1, 2, 3, 4, 5))
            .addAbsent(Path.of("/b"))
            .build();

    private static Future<BitSet> offerInBackground(Launcher launcher, Runnable taken) {
        return CompletableFuture.supplyAsync(() -> launcher.offer(OFFER, taken));
    }

    @Test
    void offer_thatDoesNotHold_goesOn() throws Exception {
        Wire wire = connect();
        Launcher launcher = call(wire).launcher;
        launcher.compare(FILES);
        assertCompares(wire, FILES, "");
        Future<BitSet> changed = offerInBackground(launcher, Assertions::fail);
        assertEquals(Optional.of(ByteBufUtil.hexDump(LauncherMessages.offer(OFFER))), wire.receive());
        assertEquals(Optional.of("0a" + "00000000" + "6f"), wire.receive());
        wire.send(LauncherFrames.checked(1));
        assertEquals(BitSet.valueOf(new long[] {0b10}), changed.get());
        launcher.become();
        assertEquals(Optional.of("04"), wire.receive());
    }

    private static void assertCompares(Wire wire, FileFingerprints files, String why) throws Exception {
        assertEquals(Optional.of(ByteBufUtil.hexDump(LauncherMessages.compare(files))), wire.receive(), why);
    }

    /** They are said as soon as a request is known, and once more by whoever finds the hit. */
    @Test
    void compare_filesThatAreComparedAlready_areNotSaidAgain() throws Exception {
        Wire wire = connect();
        Launcher launcher = call(wire).launcher;
        launcher.compare(FILES.and(FILES));
        launcher.compare(FILES.and(FILES));
        assertCompares(wire, FILES.and(FILES), "");
        launcher.compare(FILES);
        assertCompares(wire, FILES, "");
        Future<BitSet> changed = offerInBackground(launcher, Assertions::fail);
        wire.receive();
        wire.receive();
        wire.send(LauncherFrames.checked(1));
        changed.get();
        launcher.compare(FILES);
        assertCompares(wire, FILES, "an answer is for one offer");
        Future<Integer> running = runInBackground(launcher);
        wire.receive();
        wire.send(LauncherFrames.done(0));
        running.get();
        launcher.compare(FILES);
        assertCompares(wire, FILES, "what was seen before something ran is old");
    }

    /** Who asks for statistics after a hit is to see it in them. */
    @Test
    void offer_thatIsTaken_isSaidBeforeAnotherLauncherIsHeard() throws Exception {
        Wire wire = connect();
        Launcher launcher = call(wire).launcher;
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        launcher.compare(FILES);
        wire.receive();
        Future<BitSet> changed = offerInBackground(launcher, () -> order.add("taken"));
        wire.receive();
        wire.send(LauncherFrames.checked());
        wire.close();
        call(connect());
        order.add("the next");
        assertEquals(new BitSet(), changed.get());
        assertEquals(List.of("taken", "the next"), order);
    }

    @Test
    void offer_toALauncherThatIsGone_doesNotHold() throws Exception {
        Wire wire = connect();
        Launcher launcher = call(wire).launcher;
        launcher.compare(FILES);
        wire.receive();
        Future<BitSet> changed = offerInBackground(launcher, Assertions::fail);
        wire.receive();
        wire.close();
        assertEquals(FILES.all(), changed.get());
        launcher.compare(FILES);
        assertEquals(FILES.all(), launcher.offer(OFFER, Assertions::fail));
    }

    /** What a launcher is told to write, and what comes of it. */
    private static CompletableFuture<Void> writeInBackground(Launcher launcher, OutputFile... files) {
        return CompletableFuture.runAsync(() -> {
            try {
                launcher.write(List.of(files));
            } catch (IOException | CallerGoneException | InterruptedException e) {
                throw new CompletionException(e);
            }
        });
    }

    @Test
    void write_sendsAllOfEachFile_andWaits() throws Exception {
        Wire wire = connect();
        byte[] large = new byte[(2 << 20) + 7];
        new Random(1).nextBytes(large);
        CompletableFuture<Void> written = writeInBackground(
                call(wire).launcher, file(out -> out.write(large)), file(out -> {}), file(out -> out.write('o')));
        assertTrue(wire.receive().orElseThrow().startsWith("09" + "00000003"));
        StringBuilder received = new StringBuilder();
        String piece;
        do {
            piece = wire.receive().orElseThrow();
            assertTrue(piece.length() <= 2 * (1 << 20), "pieces are small");
            received.append(piece, 10, piece.length());
        } while (piece.startsWith("0a" + "00000001"));
        assertEquals(ByteBufUtil.hexDump(large), received.toString());
        assertEquals(Optional.of("0a" + "00000000"), wire.receive());
        assertEquals(Optional.of("0a" + "00000000" + "6f"), wire.receive());
        assertFalse(written.isDone());
        wire.send(LauncherFrames.done(0));
        written.get();
    }

    @Test
    void write_thatTheLauncherCannotDo_namesTheFile() throws Exception {
        Wire wire = connect();
        CompletableFuture<Void> written = writeInBackground(call(wire).launcher, file(out -> {}));
        wire.receive();
        wire.send(LauncherFrames.done(1));
        IOException e = assertInstanceOf(
                IOException.class,
                assertThrows(ExecutionException.class, written::get).getCause());
        assertTrue(e.getMessage().contains("/o"), e.getMessage());
    }

    /** The launcher puts nothing into its place then. */
    @Test
    void write_ofADamagedFile_saysSoToTheLauncher() throws Exception {
        Wire wire = connect();
        OutputFile damaged = file(out -> {
            out.write('d');
            throw new IOException("damaged");
        });
        CompletableFuture<Void> written = writeInBackground(call(wire).launcher, damaged, file(out -> out.write('o')));
        wire.receive();
        assertEquals(Optional.of("0a" + "00000002" + "64"), wire.receive());
        assertEquals(Optional.of("0a" + "00000002"), wire.receive());
        wire.send(LauncherFrames.done(1));
        ExecutionException e = assertThrows(ExecutionException.class, written::get);
        assertEquals("damaged", e.getCause().getMessage());
    }

    @Test
    void write_toALauncherThatGoes_ends() throws Exception {
        Wire wire = connect();
        byte[] large = new byte[64 << 20];
        CompletableFuture<Void> written = writeInBackground(call(wire).launcher, file(out -> out.write(large)));
        wire.receive();
        wire.close();
        ExecutionException e = assertThrows(ExecutionException.class, written::get);
        assertEquals(CallerGoneException.class, e.getCause().getClass());
    }

    @Test
    void launcherThatGoesWhileItWaits_isNoticed() throws Exception {
        Wire wire = connect();
        Launcher launcher = call(wire).launcher;
        assertFalse(launcher.gone().toCompletableFuture().isDone());
        wire.close();
        launcher.gone().toCompletableFuture().get();
    }

    @Test
    void wordOutOfTurn_endsTheConnection() throws Exception {
        Wire wire = connect();
        call(wire);
        wire.send(LauncherFrames.done(0));
        assertEquals(Optional.empty(), wire.receive());
    }

    /** A length of 2 GB must cost nothing but the connection. */
    @Test
    void frameOverTheLimit_endsTheConnectionAtOnce() throws Exception {
        for (int length : new int[] {MAX_FRAME + 1, Integer.MAX_VALUE, -1}) {
            Wire wire = connect();
            wire.write(ByteBuffer.allocate(4).putInt(length).flip());
            assertEquals(Optional.empty(), wire.receive(), "length " + length);
        }
        call(connect()).launcher.become();
    }

    @Test
    void frameAsLongAsTheLimit_isServed() throws Exception {
        int rest = LauncherFrames.request("/usr/bin/gcc", "gcc", "").readableBytes();
        Wire wire = connect();
        wire.send(LauncherFrames.request("/usr/bin/gcc", "gcc", "a".repeat(MAX_FRAME - rest)));
        assertEquals(2, calls.take().request().arguments().size());
    }

    @Test
    void largeRequest_isServed() throws Exception {
        Wire wire = connect();
        String[] arguments = new String[20_000];
        Arrays.setAll(arguments, i -> "-I/a/long/directory/name/of/some/project/" + i);
        wire.send(LauncherFrames.request("/usr/bin/gcc", arguments));
        assertEquals(20_000, calls.take().request().arguments().size());
    }

    @Test
    void largeAnswer_arrivesWhole() throws Exception {
        Wire wire = connect();
        Launcher launcher = call(wire).launcher;
        launcher.exit(0, Bytes.EMPTY, Bytes.utf8("w".repeat(5_000_000)));
        assertEquals(
                2 * (1 + 4 + 4 + 4 + 5_000_000), wire.receive().orElseThrow().length());
    }

    @Test
    void secondDaemon_isRefusedWhileTheFirstListens() {
        StartupException e = assertThrows(StartupException.class, this::listen);
        assertTrue(e.getMessage().contains("Address in use"), e.getMessage());
    }

    @Test
    void socketOfAKilledDaemon_isTakenOver() throws Exception {
        server.close();
        try (var left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        assertTrue(Files.exists(socket));
        server = listen();
        server.serve();
        call(connect()).launcher.become();
    }

    /** A daemon has the socket before it is ready. */
    @Test
    void launcherThatCallsBeforeAnybodyServes_waits() throws Exception {
        server.close();
        server = listen();
        Wire wire = connect();
        wire.send(LauncherFrames.request("/usr/bin/gcc", "gcc", "-c", "a.c"));
        LOOPS.group().next().submit(() -> {}).get();
        assertNull(calls.poll());
        server.serve();
        calls.take().launcher.become();
        assertEquals(Optional.of("04"), wire.receive());
    }

    @Test
    void close_removesTheSocket() {
        server.close();
        assertFalse(Files.exists(socket));
    }

    @Test
    void socketInAMissingDirectory_isAnErrorThatNamesIt() {
        Path nowhere = directory.resolve("missing/s");
        IOException e =
                assertThrows(IOException.class, () -> LauncherServer.open(LOOPS, nowhere, MAX_FRAME, (l, r) -> {}));
        assertTrue(e.getMessage().contains(nowhere.toString()), e.getMessage());
    }

    @Test
    void plainFileInTheSocketsPlace_isNotDeleted() throws IOException {
        Path file = Files.writeString(directory.resolve("precious"), "data");
        StartupException e =
                assertThrows(StartupException.class, () -> LauncherServer.open(LOOPS, file, MAX_FRAME, (l, r) -> {}));
        assertTrue(e.getMessage().contains("precious"), e.getMessage());
        assertEquals("data", Files.readString(file));
    }

    @Test
    void halfARequest_isNotServedAndNotMissed() throws Exception {
        Wire wire = connect();
        wire.write(ByteBuffer.allocate(8).putInt(1000).putInt(1).flip());
        wire.close();
        call(connect()).launcher.become();
        assertNull(calls.poll(0, TimeUnit.SECONDS));
    }
}
