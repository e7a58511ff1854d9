package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compile.CachingClient;
import dev.jdist.client.compile.CachingClient.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Callers that see other files than the daemon under the same names: in another mount or process namespace, under another root. */
class OtherNamespaceIT {
    private static final String WARNING = "a launcher in another mount or process namespace";

    @TempDir
    private Path directory;

    private CachingClient client;
    private Path view;
    private Process resident;

    @BeforeEach
    void layOut() throws IOException {
        directory = directory.toRealPath();
        client = new CachingClient(directory, "daemon", directory.resolve("cache"));
        view = Files.createDirectory(directory.resolve("view"));
        Files.writeString(view.resolve("a.c"), "int outside;\n");
        Files.createDirectory(directory.resolve("inside"));
        Files.writeString(directory.resolve("inside/a.c"), "int inside;\n");
        Assumptions.assumeTrue(
                CachingClient.compileBare(view, List.of("unshare", "-m", "true"), Map.of())
                                .code()
                        == 0,
                "this user makes no namespaces");
    }

    @AfterEach
    void stop() throws Exception {
        if (resident != null) {
            resident.descendants().forEach(ProcessHandle::destroyForcibly);
            resident.destroyForcibly().waitFor();
        }
        client.close();
        assertEquals(List.of(), client.warnings(WARNING));
    }

    private Ended inside(List<String> unshare, String script) throws IOException {
        List<String> words = new ArrayList<>(unshare);
        words.addAll(List.of("sh", "-c", script));
        return CachingClient.compileBare(view, words, client.environment());
    }

    private String compile() {
        return "mount --bind " + directory.resolve("inside") + " " + view + " && cd " + view + " && "
                + System.getProperty("jdist.dist") + "/bin/jdist gcc -c a.c -o a.o";
    }

    private void compileOutside() throws IOException {
        Files.deleteIfExists(view.resolve("a.o"));
        Ended ended = client.compile(view, List.of("gcc", "-c", "a.c", "-o", "a.o"), Map.of());
        assertEquals(new Ended(0, "", ""), ended);
        assertTrue(hasSymbol(view.resolve("a.o"), "outside"));
    }

    private static boolean hasSymbol(Path object, String name) throws IOException {
        return new String(Files.readAllBytes(object), java.nio.charset.StandardCharsets.ISO_8859_1)
                .contains(name + "\0");
    }

    private long strangers() throws IOException {
        return client.statistics()
                .get("not_cached")
                .path("caller in another namespace")
                .asLong();
    }

    static Stream<Arguments> namespaces() {
        return Stream.of(
                Arguments.of(List.of("unshare", "-m")),
                Arguments.of(List.of("unshare", "-m", "-p", "-f", "--mount-proc")));
    }

    @ParameterizedTest
    @MethodSource("namespaces")
    void caller_inAnotherNamespace_getsTheObjectOfWhatItSees(List<String> unshare) throws Exception {
        compileOutside();
        compileOutside();
        assertEquals(1, client.hits());
        for (int i = 1; i <= 2; i++) {
            Files.deleteIfExists(directory.resolve("inside/a.o"));
            assertEquals(new Ended(0, "", ""), inside(unshare, compile()));
            assertTrue(hasSymbol(directory.resolve("inside/a.o"), "inside"));
            assertEquals(i, strangers());
        }
        compileOutside();
        assertEquals(2, client.hits(), "the daemon stays for those whom it can serve");
    }

    @Test
    void caller_inAnotherProcessNamespace_isNotServed() throws Exception {
        compileOutside();
        Ended ended = inside(
                List.of("unshare", "-p", "-f"), System.getProperty("jdist.dist") + "/bin/jdist gcc -c a.c -o b.o");
        assertEquals(new Ended(0, "", ""), ended);
        assertTrue(hasSymbol(view.resolve("b.o"), "outside"));
        assertEquals(1, strangers());
    }

    @Test
    void caller_underAnotherRoot_getsTheObjectOfWhatItSees() throws Exception {
        compileOutside();
        Path root = Files.createDirectory(directory.resolve("root"));
        // The same root directory, mounted elsewhere: the same device and number, and other mounts below.
        Ended ended = inside(
                List.of("unshare", "-m"),
                "mount --rbind / " + root + " && mount --bind " + directory.resolve("inside") + " " + root + view
                        + " && exec chroot " + root + " sh -c 'cd " + view + " && " + System.getProperty("jdist.dist")
                        + "/bin/jdist gcc -c a.c -o a.o'");
        assertEquals(new Ended(0, "", ""), ended);
        assertTrue(hasSymbol(directory.resolve("inside/a.o"), "inside"));
        assertEquals(1, strangers());
    }

    @Test
    void daemon_ofANamespaceThatIsGone_makesPlaceForAnother() throws Exception {
        assertEquals(new Ended(0, "", ""), inside(List.of("unshare", "-m"), compile()));
        compileOutside();
        client.awaitEnd();
        compileOutside();
        compileOutside();
        assertEquals(1, client.hits());
        assertEquals(0, strangers());
    }

    @Test
    void daemon_ofANamespaceInWhichSomebodyIs_stays() throws Exception {
        Path done = directory.resolve("done");
        List<String> words = new ArrayList<>(
                List.of("unshare", "-m", "sh", "-c", compile() + " && : >" + done + " && exec sleep 600"));
        ProcessBuilder builder = new ProcessBuilder(words).directory(view.toFile());
        builder.environment().putAll(client.environment());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
        resident = builder.start();
        while (!Files.exists(done)) {
            assertTrue(resident.isAlive());
            Thread.onSpinWait();
        }
        compileOutside();
        compileOutside();
        assertEquals(2, strangers());
    }
}
