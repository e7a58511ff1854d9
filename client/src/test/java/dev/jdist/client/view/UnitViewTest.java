package dev.jdist.client.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.view.Listing;
import dev.jdist.protocol.view.RunSourcesReply;
import dev.jdist.protocol.view.RunSourcesRequest;
import dev.jdist.protocol.view.Sha256;
import dev.jdist.protocol.view.SourceAnswers;
import dev.jdist.protocol.view.Used;
import dev.jdist.protocol.view.ViewNode;
import dev.jdist.protocol.wire.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class UnitViewTest {
    private static final CompileCommand COMMAND = new CompileCommand("/usr/bin/cc", List.of(), List.of(), "/");
    private static final Bytes CLIENT = Bytes.wrap(new byte[RunSourcesRequest.CLIENT_BYTES]);

    @TempDir
    Path given;

    private final BuilderContents builder = new BuilderContents();
    private Path directory;
    /** Long after all that happened to the files. */
    private long now = FileStat.now() + TimeUnit.HOURS.toNanos(1);

    private SourceFileCache contents;
    private ViewTree tree;

    @BeforeEach
    void prepare() throws IOException {
        directory = given.toRealPath();
        contents = new SourceFileCache(() -> now, true);
        tree = new ViewTree(new PackedPaths(new HashMap<>(), new HashMap<>()), contents, () -> now);
    }

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private UnitView begin(Path... expected) throws IOException {
        UnitView view = new UnitView(tree, new HashSet<>(Arrays.asList(expected)), Set.of());
        view.begin(COMMAND, List.of(), CLIENT, builder);
        return view;
    }

    /** The builder asks for something that is not there, later. */
    private SourceAnswers askForNothing(UnitView view) throws IOException {
        now += TimeUnit.SECONDS.toNanos(10);
        return ask(view, directory.resolve("nothing.h"));
    }

    private SourceAnswers ask(UnitView view, Path path) throws IOException {
        return view.answer(new RunSourcesReply.Ask(List.of(path.toString()), List.of(), List.of()), builder);
    }

    private static Used used(Path path, Used.Kind kind) {
        return new Used(path.toString(), kind);
    }

    @Test
    void check_ofWhatDidNotChange_findsNothing() throws Exception {
        Path header = write("a.h", "int a;\n");
        UnitView view = begin(header);
        askForNothing(view);
        view.finish(List.of(
                used(header, Used.Kind.READ),
                used(directory, Used.Kind.LISTED),
                used(directory.resolve("b.h"), Used.Kind.ABSENT),
                used(directory.resolve("b/c.h"), Used.Kind.ABSENT)));
        view.check();
    }

    @Test
    void check_ofAFileThatWasToldTwice_isOfBoth() throws Exception {
        Path header = write("a.h", "int a;\n");
        UnitView view = begin(header);
        write("a.h", "int other;\n");
        now += TimeUnit.SECONDS.toNanos(10);
        tree.look(Set.of(header)); // as another unit does
        askForNothing(view);
        view.finish(List.of(used(header, Used.Kind.READ)));
        assertThrows(ChangedException.class, view::check);
    }

    @Test
    void check_ofAFileThatCameBeforeItsDirectoryWasToldAgain_findsIt() throws Exception {
        UnitView view = begin(write("a.h", "int a;\n"));
        Path other = write("b.h", "int b;\n");
        askForNothing(view);
        view.finish(List.of(used(other, Used.Kind.ABSENT)));
        assertThrows(ChangedException.class, view::check);
    }

    @Test
    void check_ofAListThatWasToldTwice_isOfBoth() throws Exception {
        UnitView view = begin(write("a.h", "int a;\n"));
        write("b.h", "int b;\n");
        askForNothing(view);
        view.finish(List.of(used(directory, Used.Kind.LISTED)));
        assertThrows(ChangedException.class, view::check);
    }

    @Test
    void check_ofAFileThatWasOnlyNamedBeforeItWasAskedFor_isOfWhatWasSaid() throws Exception {
        Path other = write("b.h", "int b;\n");
        UnitView view = begin(write("a.h", "int a;\n"));
        ask(view, other);
        view.finish(List.of(used(other, Used.Kind.READ)));
        view.check();
    }

    @Test
    void answer_forAContentBelowADirectoryThatWasToldAgain_hasIt() throws Exception {
        Path deep = write("sub/deep.h", "int deep;\n");
        UnitView view = begin(write("a.h", "int a;\n"));
        tree.look(Set.of(deep));
        SourceAnswers answers = askForNothing(view);
        Listing above = Listing.decode(bytes(answers.contents().get(0)));
        ViewNode.Directory sub =
                assertInstanceOf(ViewNode.Directory.class, above.entries().get("sub"));
        Sha256 wanted = sub.listing().orElseThrow();
        SourceAnswers more = view.answer(new RunSourcesReply.Ask(List.of(), List.of(), List.of(wanted)), builder);
        assertEquals(wanted, more.contents().get(0).digest());
    }

    private static byte[] bytes(dev.jdist.protocol.view.Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        content.bytes().writeTo(bytes);
        return bytes.toByteArray();
    }

    @Test
    @Timeout(10)
    void begin_withLinksOnTheWay_ends() throws Exception {
        write("a/h.h", "int h;\n");
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("a"));
        Path last = Files.createSymbolicLink(directory.resolve("last.h"), Path.of("link/h.h"));
        Path turning = Files.createSymbolicLink(directory.resolve("turning"), Path.of("turning"));
        UnitView view = begin(link, last, link.resolve("h.h"), turning, turning.resolve("deeper"));
        view.finish(List.of(used(link, Used.Kind.SEEN), used(directory.resolve("a/h.h"), Used.Kind.READ)));
        view.check();
    }
}
