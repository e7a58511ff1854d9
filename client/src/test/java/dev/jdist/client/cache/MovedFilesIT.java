package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compile.CachingClient;
import dev.jdist.client.compile.CachingClient.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files, links, directories and mounts that move while a unit is compiled: what the compiler read is not what is there
 * afterwards, and must not be stored as if it were. What is stored is what was there all the time, however new it is.
 */
class MovedFilesIT {
    private static final int FRESH_FILES = 30;

    @TempDir
    static Path shared;

    private static CachingClient client;
    private static int projects;

    private Path directory;
    private Path work;
    private PausedCompiler compiler;

    @BeforeAll
    static void prepareDaemon() throws IOException {
        shared = shared.toRealPath();
        client = new CachingClient(shared, "moved", shared.resolve("cache"));
    }

    @BeforeEach
    void layOut() throws IOException {
        directory = Files.createDirectory(shared.resolve("project-" + ++projects));
        work = Files.createDirectory(directory.resolve("work"));
        write("unit.c", unit());
        write("v1/h.h", "#define W 1\n");
        write("v2/h.h", "#define W 2\n");
    }

    @AfterEach
    void removeProject() throws IOException {
        // Links to the system's compilers, on which JUnit comments one by one.
        EditedTree.removeTree(directory);
    }

    @AfterAll
    static void stopDaemon() throws IOException {
        client.close();
        assertEquals(List.of(), client.warnings());
    }

    /** Another one in each project: none is found by the text of another. */
    private static String unit() {
        return "#include \"h.h\"\nint f(void) { return W; }\nint project_" + projects + ";\n";
    }

    private Path write(String name, String text) throws IOException {
        Path file = work.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private void link(String name, String target) throws IOException {
        Path fresh = work.resolve("fresh-link");
        Files.createSymbolicLink(fresh, Path.of(target));
        Files.move(fresh, work.resolve(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private void move(String from, String to) throws IOException {
        Files.move(work.resolve(from), work.resolve(to));
    }

    private void swap(String one, String two) throws IOException {
        move(one, "aside");
        move(two, one);
        move("aside", two);
    }

    private void mount(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(words));
        Ended ended = CachingClient.compileBare(work, command, Map.of());
        assertEquals(0, ended.code(), ended.stderr());
    }

    /** What is made before the first compile, and what happens before the compiler reads and when it has read. */
    private record Move(
            String name, List<String> options, Step prepare, Step beforeItReads, Step whenItHasRead, Step cleanup) {
        @Override
        public String toString() {
            return name;
        }
    }

    private interface Step {
        void run(MovedFilesIT test) throws Exception;
    }

    private static final Step NOTHING = test -> {};

    private static Move after(String name, List<String> options, Step prepare, Step whenItHasRead) {
        return new Move(name, options, prepare, NOTHING, whenItHasRead, NOTHING);
    }

    private static Stream<Move> moves() {
        List<String> now = List.of("-Inow");
        List<String> front = List.of("-Ifront", "-Iv2");
        Step nowIsLink = test -> test.link("now", "v1");
        Step nowIsCopy = test -> test.write("now/h.h", "#define W 1\n");
        Step stage = test -> test.write("stage/h.h", "#define W 1\n");
        return Stream.of(
                after("link moved on", now, nowIsLink, test -> test.link("now", "v2")),
                after(
                        "link moved on to an absolute target",
                        now,
                        nowIsLink,
                        test -> test.link("now", test.work.resolve("v2").toString())),
                after(
                        "link in the middle of a chain moved on",
                        now,
                        test -> {
                            test.link("current", "v1");
                            test.link("now", test.work.resolve("current").toString());
                        },
                        test -> test.link("current", "v2")),
                after(
                        "link of a header moved on",
                        List.of("-Ilinks"),
                        test -> {
                            test.write("links/other.h", "");
                            test.link("links/h.h", "../v1/h.h");
                        },
                        test -> test.link("links/h.h", "../v2/h.h")),
                after(
                        "link to the directory of the source moved on",
                        List.of("source/unit.c"),
                        test -> {
                            test.write("one/unit.c", "int one_" + projects + ";\n");
                            test.write("two/unit.c", "int two_" + projects + ";\n");
                            test.link("source", "one");
                        },
                        test -> test.link("source", "two")),
                after(
                        "link before two dots moved on",
                        List.of("-Ideep/.."),
                        test -> {
                            test.write("v1/deep/x", "");
                            test.write("v2/deep/x", "");
                            test.link("deep", "v1/deep");
                        },
                        test -> test.link("deep", "v2/deep")),
                after("folder swapped by renames", now, nowIsCopy, test -> test.swap("now", "v2")),
                after(
                        "folder above swapped by renames",
                        List.of("-Iup/sub"),
                        test -> {
                            test.write("up/sub/h.h", "#define W 1\n");
                            test.write("other/sub/h.h", "#define W 2\n");
                        },
                        test -> test.swap("up", "other")),
                after("folder swapped where objects are written", now, nowIsCopy, test -> {
                    test.swap("now", "v2");
                    test.write("now/a.o", "");
                    test.write("a.o", "");
                }),
                after("folder turned into a link", now, nowIsCopy, test -> {
                    test.move("now", "away");
                    test.link("now", "v2");
                }),
                after("folder appears in front by a rename", front, stage, test -> test.move("stage", "front")),
                after("folder appears in front by a link", front, stage, test -> test.link("front", "stage")),
                after(
                        "folder appears where a link led nowhere",
                        front,
                        test -> {
                            stage.run(test);
                            test.link("front", "later");
                        },
                        test -> test.move("stage", "later")),
                after(
                        "header appears in front",
                        front,
                        test -> test.write("front/x.h", ""),
                        test -> test.write("front/h.h", "#define W 1\n")),
                after("header appears beside the source", now, nowIsLink, test -> test.write("h.h", "#define W 3\n")),
                after("header moved into place with old times", now, nowIsCopy, test -> {
                    Path header = test.work.resolve("now/h.h");
                    FileTime time = Files.getLastModifiedTime(header);
                    Path other = test.work.resolve("v2/h.h");
                    Files.setLastModifiedTime(other, time);
                    Files.move(other, header, StandardCopyOption.REPLACE_EXISTING);
                }),
                after(
                        "forced header moved on",
                        List.of("-include", "now/h.h", "-Iempty"),
                        test -> {
                            nowIsLink.run(test);
                            test.write("empty/h.h", "");
                        },
                        test -> test.link("now", "v2")),
                after(
                        "response file rewritten",
                        List.of("-Iv1", "@words"),
                        test -> test.write("words", "-DMORE=1"),
                        test -> test.write("words", "-DMORE=1 -include v2/h.h -w -DW=7")),
                after(
                        "inner response file rewritten",
                        List.of("@words"),
                        test -> {
                            test.write("words", "@more");
                            test.write("more", "-Iv1");
                        },
                        test -> test.write("more", "-Iv2")),
                after(
                        "response file moved on",
                        List.of("@link/words"),
                        test -> {
                            test.write("v1/words", "-Iv1");
                            test.write("v2/words", "-Iv2");
                            test.link("link", "v1");
                        },
                        test -> test.link("link", "v2")),
                new Move(
                        "header in front for a moment",
                        front,
                        test -> test.write("front/x.h", ""),
                        test -> test.write("front/h.h", "#define W 1\n"),
                        test -> Files.delete(test.work.resolve("front/h.h")),
                        NOTHING),
                new Move(
                        "folder in front for a moment",
                        front,
                        stage,
                        test -> test.move("stage", "front"),
                        test -> test.move("front", "stage"),
                        NOTHING),
                new Move(
                        "link in front for a moment",
                        front,
                        stage,
                        test -> test.link("front", "stage"),
                        test -> Files.delete(test.work.resolve("front")),
                        NOTHING),
                new Move(
                        "file that is only asked for, for a moment",
                        List.of("-Ifront", "-Iv1", "-include", "asks.h"),
                        test -> {
                            test.write("front/x.h", "");
                            test.write("asks.h", "#if __has_include(<extra.h>)\nint has_extra;\n#endif\n");
                        },
                        test -> test.write("front/extra.h", ""),
                        test -> Files.delete(test.work.resolve("front/extra.h")),
                        NOTHING),
                new Move(
                        "folder that is only asked for, for a moment",
                        List.of("-Iv1", "-include", "asks.h"),
                        test -> {
                            test.write("stage/extra.h", "");
                            test.write("asks.h", "#if __has_include(<deep/extra.h>)\nint has_extra;\n#endif\n");
                        },
                        test -> test.move("stage", "v1/deep"),
                        test -> test.move("v1/deep", "stage"),
                        NOTHING),
                new Move(
                        "link moved on and back",
                        now,
                        nowIsLink,
                        test -> test.link("now", "v2"),
                        test -> test.link("now", "v1"),
                        NOTHING),
                new Move(
                        "folder swapped and swapped back",
                        now,
                        nowIsCopy,
                        test -> test.swap("now", "v2"),
                        test -> test.swap("now", "v2"),
                        NOTHING),
                new Move(
                        "header edited and edited back",
                        List.of("-Iv1"),
                        NOTHING,
                        test -> test.write("v1/h.h", "#define W 2\n"),
                        test -> test.write("v1/h.h", "#define W 1\n"),
                        NOTHING),
                new Move(
                        "header away for a moment",
                        List.of("-Iv1", "-Iv2"),
                        NOTHING,
                        test -> test.move("v1/h.h", "v1/away.h"),
                        test -> test.move("v1/away.h", "v1/h.h"),
                        NOTHING));
    }

    private static Stream<Move> mounts() {
        List<String> now = List.of("-Inow");
        Step nowIsCopy = test -> test.write("now/h.h", "#define W 1\n");
        Step mount = test -> test.mount("mount", "--bind", "v2", "now");
        Step unmount = test -> test.mount("umount", "now");
        return Stream.of(
                new Move("mounted over", now, nowIsCopy, NOTHING, mount, unmount),
                new Move("mounted over for a moment", now, nowIsCopy, mount, unmount, NOTHING));
    }

    /** Ways on which a result comes into the cache. */
    private static final Map<String, List<String>> ROUTES = new LinkedHashMap<>(Map.of(
            "by files", List.of(),
            "by files of its own list", List.of("-MD", "-MF", "rule.d"),
            "by text", List.of("-MMD", "-MF", "rule.d"),
            "by text only", List.of("SCCACHE_DIRECT=false")));

    private static Stream<Arguments> cases(Stream<Move> moves) {
        return moves.flatMap(move -> Stream.concat(
                ROUTES.keySet().stream().map(route -> Arguments.of(move, "/usr/bin/gcc", route)),
                Stream.of(Arguments.of(move, "/usr/bin/clang", "by files"))));
    }

    static Stream<Arguments> movesByRoutes() {
        return cases(moves());
    }

    static Stream<Arguments> mountsByRoutes() {
        return cases(mounts());
    }

    @ParameterizedTest(name = "{0}, {1}, {2}")
    @MethodSource("movesByRoutes")
    void whatMovedDuringTheCompile_isNotStoredForWhatIsThereNow(Move move, Path program, String route)
            throws Exception {
        compileDuring(move, program, route);
    }

    @ParameterizedTest(name = "{0}, {1}, {2}")
    @MethodSource("mountsByRoutes")
    void whatWasMountedDuringTheCompile_isNotStoredForWhatIsThereNow(Move move, Path program, String route)
            throws Exception {
        // What is mounted is seen by all daemons of the machine, which then do not store what they compile meanwhile.
        Assumptions.assumeTrue(
                Boolean.getBoolean("jdist.mounts"), "scripts/check mounts does this, with nothing beside");
        Path probe = Files.createDirectory(work.resolve("probe"));
        boolean canMount = CachingClient.compileBare(work, List.of("mount", "--bind", "v1", "probe"), Map.of())
                        .code()
                == 0;
        Assumptions.assumeTrue(canMount, "only root mounts");
        mount("umount", probe.toString());
        compileDuring(move, program, route);
    }

    private void compileDuring(Move move, Path program, String route) throws Exception {
        compiler = new PausedCompiler(directory, program);
        long hits = client.hits();
        move.prepare.run(this);
        // The daemon gets to know the compiler: it is not asked who it is in the compile that counts.
        write("first.c", "int first_" + projects + ";\n");
        client.compile(work, words("first.c", List.of(), route), variables(route));
        List<String> options = new ArrayList<>(move.options);
        String source = options.removeIf(option -> option.endsWith(".c")) ? "source/unit.c" : "unit.c";
        List<String> words = words(source, options, route);
        try {
            compiler.during(
                    () -> client.compile(work, words, variables(route)),
                    () -> move.beforeItReads.run(this),
                    () -> move.whenItHasRead.run(this));
            for (int round = 0; round < 2; round++) {
                compareWithBare(program, words, route);
            }
        } finally {
            move.cleanup.run(this);
        }
        compareWithBare(program, words, route);
        compareWithBare(program, words, route);
        assertTrue(client.hits() > hits, "nothing is ever stored, which proves nothing");
    }

    private List<String> words(String source, List<String> options, String route) {
        List<String> words = new ArrayList<>(List.of(compiler.program().toString()));
        words.addAll(options);
        ROUTES.get(route).stream().filter(word -> !word.contains("=")).forEach(words::add);
        words.addAll(List.of("-c", source, "-o", "unit.o"));
        return words;
    }

    private static Map<String, String> variables(String route) {
        Map<String, String> variables = new LinkedHashMap<>();
        ROUTES.get(route).stream()
                .filter(word -> word.contains("="))
                .forEach(word -> variables.put(word.split("=")[0], word.split("=")[1]));
        return variables;
    }

    private void compareWithBare(Path program, List<String> words, String route) throws IOException {
        List<String> bare = new ArrayList<>(words);
        bare.set(0, program.toString());
        Ended expected = CachingClient.compileBare(work, bare, variables(route));
        String object = takeObject();
        Ended actual = client.compile(work, words, variables(route));
        assertEquals(expected.code(), actual.code(), actual.stderr());
        assertEquals(object, takeObject());
    }

    private String takeObject() throws IOException {
        Path object = work.resolve("unit.o");
        String bytes = HexFormat.of().formatHex(Files.readAllBytes(object));
        Files.delete(object);
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("programs")
    void compiler_replacedDuringTheCompile_isNotTakenForTheNewOne(Path program) throws Exception {
        compiler = new PausedCompiler(directory, program);
        Path other = Path.of(program.endsWith("gcc") ? "/usr/bin/clang" : "/usr/bin/gcc");
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Path link = Files.createSymbolicLink(tools.resolve("cc"), compiler.program());
        List<String> words = List.of(link.toString(), "-Iv1", "-c", "unit.c", "-o", "unit.o");
        client.compile(work, words, Map.of());
        write("unit.c", unit() + "int g;\n");
        compiler.during(() -> client.compile(work, words, Map.of()), () -> {}, () -> {
            Files.delete(link);
            Files.createSymbolicLink(link, other);
        });
        Files.delete(link);
        Files.createSymbolicLink(link, other);
        compareWithBare(other, words, "by files");
        compareWithBare(other, words, "by files");
    }

    static Stream<Path> programs() {
        return Stream.of(Path.of("/usr/bin/gcc"), Path.of("/usr/bin/clang"));
    }

    /** As in a build of many jobs, whose objects are written beside their sources. */
    @ParameterizedTest
    @MethodSource("programs")
    void unit_isStored_whileObjectsAreWrittenEverywhere(Path program) throws Exception {
        for (String route : ROUTES.keySet()) {
            compiler = new PausedCompiler(directory, program);
            write(
                    "part/unit.c",
                    "#ifdef __has_include\n#if __has_include(<h.h>)\n#endif\n#endif\n#include \"h.h\"\n#include \"part/own.h\"\nint in_"
                            + route.replace(' ', '_') + projects + ";\n");
            write("part/own.h", "int own;\n");
            List<String> words = words("part/unit.c", List.of("-I.", "-Iv1"), route);
            compiler.during(
                    () -> client.compile(work, words, variables(route)), this::writeObjects, this::writeObjects);
            long hits = client.hits();
            client.compile(work, words, variables(route));
            assertEquals(hits + 1, client.hits(), route);
        }
    }

    private void writeObjects() throws IOException {
        write("other.o", "");
        write("part/other.o", "");
        write("v1/other.o", "");
        Files.delete(work.resolve("other.o"));
        write("part/another.o", "");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void sourceWrittenJustBefore_isStoredEachTime(Path program) throws Exception {
        for (int i = 0; i < FRESH_FILES; i++) {
            write("fresh.c", "int fresh_" + projects + "_" + i + "(void) { return 0; }\n");
            compileTwice(program, i, "fresh.c");
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void headerWrittenJustBefore_isStoredEachTime(Path program) throws Exception {
        for (int i = 0; i < FRESH_FILES; i++) {
            write("v1/h.h", "#define W " + i + "\n");
            compileTwice(program, i, "unit.c", "-Iv1");
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void folderMovedIntoPlaceJustBefore_isStoredEachTime(Path program) throws Exception {
        for (int i = 0; i < FRESH_FILES; i++) {
            Files.deleteIfExists(work.resolve("now"));
            write("v" + (10 + i) + "/h.h", "#define W " + i + "\n");
            link("now", "v" + (10 + i));
            compileTwice(program, i, "unit.c", "-Inow");
        }
    }

    private void compileTwice(Path program, int number, String source, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of(program.toString()));
        words.addAll(List.of(options));
        words.addAll(List.of("-c", source, "-o", "unit.o"));
        long hits = client.hits();
        client.compile(work, words, Map.of());
        String first = takeObject();
        compareWithBare(program, words, "by files");
        client.compile(work, words, Map.of());
        assertEquals(first, takeObject());
        assertEquals(hits + 2, client.hits(), "file " + number);
    }
}
