package dev.jdist.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.OutputWriter.Move;
import dev.jdist.client.cache.Stamp;
import dev.jdist.client.cache.StampedFiles;
import dev.jdist.protocol.Bytes;
import dev.jdist.protocol.http.EventLoops;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The native launcher, and a daemon that does what the test says. */
@Timeout(60)
class LauncherIT {
    private static final String JDIST =
            Path.of(System.getProperty("jdist.dist"), "bin", "jdist").toString();

    @TempDir
    private Path directory;

    /** Calls the launcher for gcc, and has it served. */
    private void serve(int exitCode, Consumer<Launcher> service) throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        CompletableFuture<Void> served = new CompletableFuture<>();
        Path socket = Files.createDirectory(directory.resolve("private")).resolve("s");
        try (EventLoops loops = EventLoops.start(1);
                LauncherServer server = LauncherServer.start(
                        loops,
                        socket,
                        1 << 20,
                        (launcher, request) -> served.completeAsync(
                                () -> {
                                    service.accept(launcher);
                                    return null;
                                },
                                thread))) {
            ProcessBuilder call = new ProcessBuilder(JDIST, "gcc", "-c", "a.c");
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
        StampedFiles.Builder stamped = new StampedFiles.Builder();
        for (Path file : List.of(same, longer, older, gone, replaced, inner, same)) {
            stamped.add(file, Stamp.of(file).orElseThrow());
        }
        Path appeared = directory.resolve("appeared");
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), Path.of("nowhere"));
        for (Path nothing : List.of(appeared, directory.resolve("nothing"), same.resolve("below a file"), dangling)) {
            stamped.addAbsent(nothing);
        }
        Files.writeString(appeared, "");
        Files.writeString(longer, "12");
        Files.setLastModifiedTime(older, FileTime.fromMillis(1_500));
        Files.delete(gone);
        replace(replaced);
        Path fresh = Files.writeString(directory.resolve("fresh"), "object");
        serve(3, launcher -> {
            LauncherOffer offer = offer(stamped.build(), new Move(fresh, directory.resolve("a.o")));
            assertEquals(BitSet.valueOf(new long[] {0b0001_0011110}), launcher.offer(offer, Assertions::fail));
            launcher.exit(3, Bytes.EMPTY, Bytes.EMPTY);
        });
        assertTrue(Files.exists(fresh));
    }

    private static LauncherOffer offer(StampedFiles files, Move... moves) {
        return new LauncherOffer(files, List.of(moves), Bytes.EMPTY, Bytes.EMPTY);
    }

    private StampedFiles oneThatIsAsItWas() throws IOException {
        Path file = Files.writeString(directory.resolve("a.c"), "");
        return new StampedFiles.Builder()
                .add(file, Stamp.of(file).orElseThrow())
                .build();
    }

    @Test
    void offerThatHolds_isTaken() throws Exception {
        Path old = Files.writeString(directory.resolve("a.o"), "old");
        Path kept = Files.createLink(directory.resolve("kept"), old);
        Path fresh = Files.writeString(directory.resolve("fresh"), "new");
        Path dependencies = Files.writeString(directory.resolve("fresh.d"), "a.o: a.c\n");
        LauncherOffer offer =
                offer(oneThatIsAsItWas(), new Move(fresh, old), new Move(dependencies, directory.resolve("a.d")));
        AtomicBoolean taken = new AtomicBoolean();
        serve(0, launcher -> assertEquals(new BitSet(), launcher.offer(offer, () -> taken.set(true))));
        assertTrue(taken.get());
        assertEquals("new", Files.readString(old));
        assertEquals("old", Files.readString(kept));
        assertEquals("a.o: a.c\n", Files.readString(directory.resolve("a.d")));
        assertFalse(Files.exists(fresh));
    }

    @Test
    void offerOfAFileThatCannotBePutThere_isNotTaken() throws Exception {
        Path fresh = Files.writeString(directory.resolve("fresh"), "new");
        Files.createDirectory(directory.resolve("a.o"));
        LauncherOffer offer = offer(oneThatIsAsItWas(), new Move(fresh, directory.resolve("a.o")));
        serve(3, launcher -> {
            assertEquals(offer.files().all(), launcher.offer(offer, Assertions::fail));
            launcher.exit(3, Bytes.EMPTY, Bytes.EMPTY);
        });
    }

    /** Another file with the same name, size and time of modification. */
    private static void replace(Path file) throws IOException {
        Path other = Files.writeString(file.resolveSibling("other"), "2");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}
