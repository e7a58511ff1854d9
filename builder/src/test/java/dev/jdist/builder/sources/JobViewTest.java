package dev.jdist.builder.sources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.builder.store.ClientContents;
import dev.jdist.builder.store.ContentStore;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.view.Content;
import dev.jdist.protocol.view.Listing;
import dev.jdist.protocol.view.PathNode;
import dev.jdist.protocol.view.RunSourcesReply.Ask;
import dev.jdist.protocol.view.RunSourcesRequest;
import dev.jdist.protocol.view.Sha256;
import dev.jdist.protocol.view.SourceAnswers;
import dev.jdist.protocol.view.ViewNode;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.sandbox.view.Entries;
import dev.jdist.sandbox.view.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobViewTest {
    private static final Bytes CLIENT = Bytes.wrap(new byte[RunSourcesRequest.CLIENT_BYTES]);
    private static final Bytes OTHER = Bytes.wrap(
            new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
            });
    private static final Content HEADER = content("int header;\n");

    @TempDir
    Path directory;

    private ContentStore store;
    private ClientContents contents;
    private final List<Ask> asked = new ArrayList<>();
    private final Deque<SourceAnswers> answers = new ArrayDeque<>();

    @BeforeEach
    void open() throws IOException {
        store = ContentStore.open(directory, 1 << 24);
        contents = new ClientContents(store);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private static Content content(String text) {
        Bytes bytes = Bytes.utf8(text);
        return new Content(Sha256.ofContent(bytes.toByteArray()), bytes);
    }

    private static ViewNode.RegularFile file(Content content) {
        return new ViewNode.RegularFile(content.digest(), content.bytes().length(), 7, 0644, 0);
    }

    private static Listing listing(boolean complete, Map<String, ViewNode> entries) {
        return new Listing(complete, new TreeMap<>(entries));
    }

    /** As its client has sent it. */
    private Sha256 sent(Listing listing) throws IOException {
        Content content = Content.of(listing);
        contents.put(CLIENT, content.digest(), content.bytes());
        return content.digest();
    }

    private JobView view(Sha256 root, PathNode... nodes) {
        RunSourcesRequest request = new RunSourcesRequest(
                new CompileCommand("/usr/bin/gcc", List.of(), List.of(), "/w"),
                List.of(),
                CLIENT,
                root,
                List.of(nodes),
                List.of(),
                List.of());
        return new JobView(contents, request, ask -> {
            asked.add(ask);
            return answers.removeFirst();
        });
    }

    private void answer(List<PathNode> nodes, Content... sent) {
        answers.add(new SourceAnswers(nodes, List.of(sent)));
    }

    @Test
    void entries_ofACompleteListing_needNoQuestion() throws Exception {
        contents.put(CLIENT, HEADER.digest(), HEADER.bytes());
        Sha256 below = sent(listing(true, Map.of("h.h", file(HEADER), "other.h", new ViewNode.Present())));
        Sha256 root = sent(listing(true, Map.of("w", new ViewNode.Directory(below))));
        Entries entries = view(root).entries("/w", "none.h");
        assertTrue(entries.complete());
        assertEquals(new Node.Absent(), entries.nodes().get("none.h"));
        assertEquals(
                new Node.RegularFile(ContentStore.nameOf(HEADER.digest()), 12, 7, 0644, 0),
                entries.nodes().get("h.h"));
        assertEquals(new Node.Unseen(), entries.nodes().get("other.h"));
        assertEquals(List.of(), asked);
    }

    @Test
    void path_ofWhichNothingWasSaid_isAskedFor() throws Exception {
        Sha256 root = sent(listing(false, Map.of("w", new ViewNode.Directory())));
        answer(List.of(new PathNode("/w/h.h", file(HEADER))), HEADER);
        Entries entries = view(root).entries("/w", "h.h");
        assertInstanceOf(Node.RegularFile.class, entries.nodes().get("h.h"));
        assertFalse(entries.complete());
        assertEquals(List.of(new Ask(List.of("/w/h.h"), List.of(), List.of())), asked);
    }

    /** The store has it, but this client has not shown that it has. */
    @Test
    void content_thatAnotherClientSent_isAskedFor() throws Exception {
        contents.put(OTHER, HEADER.digest(), HEADER.bytes());
        Sha256 root = sent(listing(true, Map.of("h.h", file(HEADER))));
        JobView view = view(root);
        assertEquals(new Node.Unseen(), view.entries("/", "none").nodes().get("h.h"));
        answer(List.of(), HEADER);
        assertInstanceOf(
                Node.RegularFile.class, view.entries("/", "h.h").nodes().get("h.h"));
        assertEquals(List.of(new Ask(List.of(), List.of(), List.of(HEADER.digest()))), asked);
    }

    @Test
    void content_thatDoesNotCome_endsTheJob() throws Exception {
        Sha256 root = sent(listing(true, Map.of("h.h", file(HEADER))));
        answer(List.of());
        JobView view = view(root);
        assertThrows(WireFormatException.class, () -> view.entries("/", "h.h"));
    }

    @Test
    void path_thatTheClientDoesNotAnswer_endsTheJob() throws Exception {
        Sha256 root = sent(listing(true, Map.of("dir", new ViewNode.Present())));
        answer(List.of(new PathNode("/elsewhere", new ViewNode.Absent())));
        JobView view = view(root);
        assertThrows(WireFormatException.class, () -> view.entries("/", "dir"));
    }

    @Test
    void nodes_lieOverTheTree() throws Exception {
        contents.put(CLIENT, HEADER.digest(), HEADER.bytes());
        Sha256 below = sent(listing(true, Map.of("unit.o", file(HEADER))));
        Sha256 root = sent(listing(true, Map.of("w", new ViewNode.Directory(below))));
        Entries entries =
                view(root, new PathNode("/w/unit.o", new ViewNode.Absent())).entries("/w", "unit.o");
        assertEquals(new Node.Absent(), entries.nodes().get("unit.o"));
    }

    @Test
    void all_asksForTheListingAndForWhatIsUnseenInIt() throws Exception {
        Sha256 root = sent(listing(false, Map.of("w", new ViewNode.Directory())));
        Listing below = listing(true, Map.of("h.h", new ViewNode.Present(), "link", new ViewNode.SymbolicLink("h.h")));
        answer(List.of(new PathNode("/w", new ViewNode.Directory(below.digest()))), Content.of(below));
        answer(List.of(new PathNode("/w/h.h", file(HEADER))), HEADER);
        Entries entries = view(root).all("/w");
        assertTrue(entries.complete());
        assertEquals(new Node.SymbolicLink("h.h"), entries.nodes().get("link"));
        assertInstanceOf(Node.RegularFile.class, entries.nodes().get("h.h"));
        assertEquals(
                List.of(new Ask(List.of(), List.of("/w"), List.of()), new Ask(List.of("/w/h.h"), List.of(), List.of())),
                asked);
    }

    @Test
    void fetch_ofWhatWasEvicted_asksForItAgain() throws Exception {
        contents.put(CLIENT, HEADER.digest(), HEADER.bytes());
        Sha256 root = sent(listing(true, Map.of("h.h", file(HEADER))));
        JobView view = view(root);
        Files.delete(store.directory().resolve(ContentStore.nameOf(HEADER.digest())));
        answer(List.of(), HEADER);
        view.fetch(ContentStore.nameOf(HEADER.digest()));
        assertTrue(contents.contains(CLIENT, HEADER.digest()));
    }

    @Test
    void listing_thatIsNone_endsTheJob() throws Exception {
        contents.put(CLIENT, HEADER.digest(), HEADER.bytes());
        JobView view = view(HEADER.digest());
        assertThrows(WireFormatException.class, () -> view.entries("/", "w"));
    }
}
