package dev.jdist.protocol.view;

import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.EnvironmentVariable;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.wire.Bytes;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Views and messages about them, with every kind of node. */
final class ViewSamples {
    static final Sha256 ABC = Sha256.ofContent(new byte[] {'a', 'b', 'c'});
    static final Sha256 EMPTY = Sha256.ofContent(new byte[0]);
    static final Bytes CLIENT = Bytes.copyOf(new byte[RunSourcesRequest.CLIENT_BYTES]);

    private static final long WHOLE_SECOND = 1_700_000_000_000_000_000L;

    static final ViewNode.RegularFile FILE = new ViewNode.RegularFile(ABC, 3, WHOLE_SECOND, 0644, 0);

    static final Listing COMPLETE = new Listing(
            true,
            new TreeMap<>(Map.of(
                    "a", FILE,
                    "a.h", new ViewNode.RegularFile(ABC, 300, WHOLE_SECOND + 123_456_789, 0755, 77),
                    "a.hh", new ViewNode.RegularFile(ABC, 0, -1_000_000_000, 0444, 0),
                    "bin", new ViewNode.SymbolicLink("usr/bin"),
                    "lib", new ViewNode.Directory(EMPTY),
                    "é", new ViewNode.Toolchain())));

    static final Listing PARTIAL = new Listing(
            false,
            new TreeMap<>(Map.of(
                    "gone.h", new ViewNode.Absent(),
                    "include", new ViewNode.Directory(),
                    "include2", new ViewNode.Present())));

    static final RunSourcesRequest REQUEST = new RunSourcesRequest(
            new CompileCommand(
                    "/usr/bin/gcc", List.of("-c", "é.c"), List.of(new EnvironmentVariable("A", "b")), "/work/p"),
            List.of("/work/p/é.o", "/work/p/é.d"),
            CLIENT,
            COMPLETE.digest(),
            List.of(
                    new PathNode("/work/p/é.c", FILE),
                    new PathNode("/work/p/e.h", new ViewNode.Absent()),
                    new PathNode("/work/p/link", new ViewNode.SymbolicLink("../q"))),
            List.of(ABC, EMPTY, COMPLETE.digest()),
            List.of(Content.of(COMPLETE), new Content(ABC, Bytes.utf8("abc")), new Content(EMPTY, Bytes.EMPTY)));

    static final SourceAnswers ANSWERS = new SourceAnswers(
            List.of(
                    new PathNode("/", new ViewNode.Directory(COMPLETE.digest())),
                    new PathNode("/work/p", new ViewNode.Directory(PARTIAL.digest()))),
            List.of(Content.of(PARTIAL)));

    static final RunSourcesReply.Ask ASK =
            new RunSourcesReply.Ask(List.of("/work/q", "/work/p/x.h"), List.of("/"), List.of(EMPTY, ABC));

    static final RunSourcesReply.Complete DONE = new RunSourcesReply.Complete(
            List.of(
                    new Used("/work/p/é.c", Used.Kind.READ),
                    new Used("/work/p", Used.Kind.SEEN),
                    new Used("/work/p", Used.Kind.LISTED),
                    new Used("/usr/include/e.h", Used.Kind.ABSENT)),
            new RunJobResult.Complete(
                    new ProcessOutput(1, Bytes.utf8("o"), Bytes.utf8("error")),
                    List.of(new OutputFile("/work/p/é.d", Bytes.utf8("zz"), 9))));

    private ViewSamples() {}

    /** A directory of some project, of so many entries. */
    static Listing random(SplittableRandom random, int entries) {
        boolean complete = random.nextBoolean();
        SortedMap<String, ViewNode> nodes = new TreeMap<>();
        for (int i = 0; i < entries; i++) {
            nodes.put(name(random), node(random, complete));
        }
        return new Listing(complete, nodes);
    }

    /** Answers about a directory and its entries. */
    static SourceAnswers randomAnswers(SplittableRandom random, int entries) {
        Listing listing = random(random, entries);
        List<PathNode> nodes = listing.entries().entrySet().stream()
                .map(entry -> new PathNode("/work/" + entry.getKey(), entry.getValue()))
                .toList();
        return new SourceAnswers(nodes, List.of(Content.of(listing)));
    }

    /** A question about as many paths as a directory has entries, and a result for which they were used. */
    static List<RunSourcesReply> randomReplies(SplittableRandom random, int entries) {
        List<String> paths = randomAnswers(random, entries).nodes().stream()
                .map(PathNode::path)
                .toList();
        Used.Kind[] kinds = Used.Kind.values();
        return List.of(
                new RunSourcesReply.Ask(paths, List.of("/"), List.of(digest(random))),
                new RunSourcesReply.Complete(
                        paths.stream()
                                .map(path -> new Used(path, kinds[random.nextInt(kinds.length)]))
                                .toList(),
                        DONE.result()));
    }

    private static String name(SplittableRandom random) {
        StringBuilder name = new StringBuilder();
        do {
            name.append(List.of("a", "bc", "\ue000", "\ud83d\ude00", "é", " ", ",", "-", ".h", "\u007f")
                    .get(random.nextInt(10)));
        } while (random.nextInt(3) != 0);
        return name.append('x').toString();
    }

    static ViewNode node(SplittableRandom random, boolean noAbsence) {
        return switch (random.nextInt(noAbsence ? 6 : 7)) {
            case 0 -> new ViewNode.Directory();
            case 1 -> new ViewNode.Directory(digest(random));
            case 2 -> new ViewNode.SymbolicLink(name(random));
            case 3 -> new ViewNode.Toolchain();
            case 4 -> new ViewNode.Present();
            case 5 ->
                new ViewNode.RegularFile(
                        digest(random),
                        random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63),
                        random.nextBoolean() ? random.nextLong() : random.nextInt() * 1_000_000_000L,
                        random.nextBoolean() ? 0644 : random.nextInt(010000),
                        random.nextBoolean() ? 0 : random.nextLong() >>> random.nextInt(64));
            default -> new ViewNode.Absent();
        };
    }

    private static Sha256 digest(SplittableRandom random) {
        byte[] bytes = new byte[Sha256.BYTES];
        random.nextBytes(bytes);
        return Sha256.of(bytes);
    }
}
