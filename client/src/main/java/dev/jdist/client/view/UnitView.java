package dev.jdist.client.view;

import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.FileEntry;
import dev.jdist.client.files.FileStat;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.view.Content;
import dev.jdist.protocol.view.PathNode;
import dev.jdist.protocol.view.RunSourcesReply;
import dev.jdist.protocol.view.RunSourcesRequest;
import dev.jdist.protocol.view.Sha256;
import dev.jdist.protocol.view.SourceAnswers;
import dev.jdist.protocol.view.Used;
import dev.jdist.protocol.view.ViewNode;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one compile on a builder may find, as this client says it: before the compile as far as it is foreseen, then what the builder
 * asks for. When the compile is done, {@link #check} tells whether all that it used is still so.
 *
 * <p>For one thread. A compile that is tried again, on another builder perhaps, needs {@link #begin} again.
 */
public final class UnitView {
    private static final Path ROOT = Path.of("/");
    private static final Vouched NOTHING = new Vouched.Absent();
    /** As many as Linux follows. */
    private static final int MAX_LINKS = 40;
    /** Bytes of contents in one message, unless one content has more: the builder asks again for the others. */
    private static final long MOST_AT_ONCE = 8 << 20;
    /** Contents of which it is not known whether a builder has them are sent at once if they have no more bytes than this. */
    private static final long MOST_UNASKED = 16 << 10;

    private final ViewTree tree;
    private final Set<Path> expected;
    private final Set<Path> outputs;
    private Vouched.@Nullable Directory root;
    /** By path, all that was said of it, beside what is in the tree. */
    private final Map<String, List<Vouched>> said = new HashMap<>();
    /** What {@link #told} found; emptied whenever something is said. */
    private final Map<String, List<Vouched>> told = new HashMap<>();

    private final Map<Sha256, Supply> supplies = new HashMap<>();
    private List<Used> used = List.of();

    /** Where the bytes of a content come from. */
    private interface Supply {
        Content content();
    }

    /**
     * @param expected what the compile will read, directories in which it will look for files among it
     * @param outputs what it will write: builders are told that there is nothing in these places
     */
    UnitView(ViewTree tree, Set<Path> expected, Set<Path> outputs) {
        this.tree = tree;
        this.expected = expected;
        this.outputs = outputs;
    }

    /**
     * What is foreseen.
     *
     * @param client this client's identity
     * @param builder what it has
     */
    public RunSourcesRequest begin(CompileCommand command, List<String> names, Bytes client, BuilderContents builder)
            throws IOException {
        said.clear();
        told.clear();
        supplies.clear();
        used = List.of();
        Vouched.Directory all = tree.look(expected);
        root = all;
        List<PathNode> nodes = new ArrayList<>();
        for (Path output : outputs) {
            said.put(output.toString(), List.of(new Vouched.Absent()));
            nodes.add(new PathNode(output.toString(), new ViewNode.Absent()));
        }
        Set<Sha256> unknown = new LinkedHashSet<>();
        supply(all);
        note(all.digest(), builder, unknown);
        for (Path path : expected) {
            noteOnTheWay(path, MAX_LINKS, builder, unknown);
        }
        long bytes = 0;
        for (Sha256 digest : unknown) {
            bytes += content(digest).bytes().length();
        }
        boolean isFew = bytes <= MOST_UNASKED;
        List<Content> contents = isFew ? take(unknown, builder) : List.of();
        return new RunSourcesRequest(
                command, names, client, all.digest(), nodes, isFew ? List.of() : List.copyOf(unknown), contents);
    }

    /** Whether a builder may lack this; if it does not say so, it has it from now on. */
    private static void note(Sha256 digest, BuilderContents builder, Set<Sha256> unknown) {
        if (!builder.has(digest)) {
            unknown.add(digest);
        }
    }

    /**
     * Through links too, as far as what they lead to is in the tree.
     *
     * @param links so many may still be on the way: some lead to themselves
     */
    private void noteOnTheWay(Path path, int links, BuilderContents builder, Set<Sha256> unknown) {
        Vouched at = Objects.requireNonNull(root);
        Path place = ROOT;
        for (Path name : path) {
            if (!(at instanceof Vouched.Directory directory)) {
                return;
            }
            Vouched next = directory.entries().get(name.toString());
            if (next == null) {
                return;
            }
            place = place.resolve(name);
            if (next instanceof Vouched.Directory below) {
                supply(below);
                note(below.digest(), builder, unknown);
            } else if (next instanceof Vouched.RegularFile file) {
                supply(place, file);
                note(file.node().content(), builder, unknown);
            } else if (next instanceof Vouched.Link link) {
                Path target = place.resolveSibling(link.node().target());
                int passed = place.getNameCount();
                boolean isLast = passed == path.getNameCount();
                Path rest = isLast ? target : target.resolve(path.subpath(passed, path.getNameCount()));
                if (links > 0) {
                    noteOnTheWay(rest.normalize(), links - 1, builder, unknown);
                }
                return;
            }
            at = next;
        }
    }

    private void supply(Vouched.Directory directory) {
        supplies.putIfAbsent(
                directory.digest(),
                () -> new Content(directory.digest(), directory.listing().encode()));
    }

    private void supply(Path place, Vouched.RegularFile file) {
        ViewNode.RegularFile node = file.node();
        supplies.putIfAbsent(node.content(), () -> new Content(node.content(), new FileBytes(place, node.size())));
    }

    /** @throws UnvouchableException if nobody named this content to the builder */
    private Content content(Sha256 digest) throws UnvouchableException {
        Supply supply = supplies.get(digest);
        if (supply == null) {
            supplyAll(ROOT, Objects.requireNonNull(root));
            said.forEach((path, all) -> all.forEach(there -> {
                if (there instanceof Vouched.Directory directory) {
                    supplyAll(Path.of(path), directory);
                }
            }));
            supply = supplies.get(digest);
        }
        if (supply == null) {
            throw new UnvouchableException("a builder asks for a content that it was not told of");
        }
        return supply.content();
    }

    private void supplyAll(Path place, Vouched.Directory directory) {
        supply(directory);
        directory.entries().forEach((name, entry) -> {
            if (entry instanceof Vouched.Directory below) {
                supplyAll(place.resolve(name), below);
            } else if (entry instanceof Vouched.RegularFile file) {
                supply(place.resolve(name), file);
            }
        });
    }

    /** As many as one message may have, at least one. */
    private List<Content> take(Collection<Sha256> digests, BuilderContents builder) throws IOException {
        List<Content> taken = new ArrayList<>();
        long bytes = 0;
        for (Sha256 digest : digests) {
            Content content = content(digest);
            bytes += content.bytes().length();
            if (!taken.isEmpty() && bytes > MOST_AT_ONCE) {
                break;
            }
            taken.add(content);
            builder.add(digest);
        }
        return taken;
    }

    /**
     * Answers a builder.
     *
     * @throws UnvouchableException if it asks for something that it cannot be told
     */
    public SourceAnswers answer(RunSourcesReply.Ask ask, BuilderContents builder) throws IOException {
        Map<String, PathNode> nodes = new LinkedHashMap<>();
        Set<Sha256> wanted = new LinkedHashSet<>(ask.contents());
        ask.contents().forEach(builder::remove);
        Vouched.Directory all = Objects.requireNonNull(root);
        if (ask.contents().contains(all.digest())) {
            // It has forgotten this client: asked for one content after the other, it would wait for each.
            builder.clear();
            for (Path path : expected) {
                noteOnTheWay(path, MAX_LINKS, builder, wanted);
            }
        }
        for (String path : ask.paths()) {
            Path place = Path.of(path);
            Vouched there = tree.at(place);
            if (there instanceof Vouched.Unseen) {
                throw new UnvouchableException(path + " is no file that can be sent");
            }
            say(place, there, nodes, wanted, builder);
            if (there instanceof Vouched.Absent) {
                sayDirectory(place.getParent(), nodes, wanted, builder);
            }
        }
        for (String path : ask.directories()) {
            sayDirectory(Path.of(path), nodes, wanted, builder);
        }
        return new SourceAnswers(List.copyOf(nodes.values()), take(wanted, builder));
    }

    private void sayDirectory(
            @Nullable Path place, Map<String, PathNode> nodes, Set<Sha256> wanted, BuilderContents builder)
            throws IOException {
        Optional<Vouched.Directory> all = place == null ? Optional.empty() : tree.all(place);
        if (all.isPresent()) {
            say(Objects.requireNonNull(place), all.get(), nodes, wanted, builder);
        }
    }

    private void say(
            Path place, Vouched there, Map<String, PathNode> nodes, Set<Sha256> wanted, BuilderContents builder) {
        String path = place.toString();
        if (outputs.contains(place)) {
            return;
        }
        said.computeIfAbsent(path, key -> new ArrayList<>()).add(there);
        told.clear();
        nodes.put(path, new PathNode(path, there.node()));
        if (there instanceof Vouched.Directory directory) {
            supply(directory);
            note(directory.digest(), builder, wanted);
        } else if (there instanceof Vouched.RegularFile file) {
            supply(place, file);
            note(file.node().content(), builder, wanted);
        }
    }

    /** What the compile had to do with, as the builder says. */
    public void finish(List<Used> all) {
        used = all;
    }

    /** All places at which the compile looked, but for those of what it wrote. */
    public Set<Path> looked() {
        Set<Path> looked = new LinkedHashSet<>();
        for (Used use : used) {
            looked.add(Path.of(use.path()));
        }
        looked.removeAll(outputs);
        return looked;
    }

    /**
     * The files that the compile read or looked at, those that make up its programs not among them; of one that it found by a link,
     * also the link's name.
     */
    public Set<Path> read() {
        Set<Path> read = new LinkedHashSet<>();
        for (Used use : used) {
            Path file = Path.of(use.path());
            boolean isThere = use.kind() == Used.Kind.READ || use.kind() == Used.Kind.SEEN;
            if (isThere
                    && !outputs.contains(file)
                    && !RuntimeFiles.contain(file)
                    && told(use.path()).stream().anyMatch(told -> isSource(file, use.kind(), told))) {
                read.add(file);
            }
        }
        return read;
    }

    /** A toolchain may have headers, too. */
    private static boolean isSource(Path file, Used.Kind kind, Vouched told) {
        return told instanceof Vouched.RegularFile
                || told instanceof Vouched.Packed && kind == Used.Kind.READ && !Files.isExecutable(file)
                || told instanceof Vouched.Link && Files.isRegularFile(file) && !Files.isExecutable(file);
    }

    /**
     * All that the builder may have been told of a place: a directory that is told again may have other entries than before, and which of
     * them the compile found, nobody knows.
     */
    private List<Vouched> told(String path) {
        List<Vouched> known = told.get(path);
        if (known == null) {
            // By identity: to compare directories is to compare all below them.
            Set<Vouched> all = Collections.newSetFromMap(new IdentityHashMap<>());
            all.addAll(said.getOrDefault(path, List.of()));
            if (path.length() == 1) {
                all.add(Objects.requireNonNull(root));
            } else {
                int slash = path.lastIndexOf('/');
                String name = path.substring(slash + 1);
                for (Vouched parent : told(slash == 0 ? "/" : path.substring(0, slash))) {
                    entry(parent, name).ifPresent(all::add);
                }
            }
            all.removeIf(Vouched.Unseen.class::isInstance); // the builder asked on
            known = all.isEmpty() ? List.of(NOTHING) : List.copyOf(all);
            told.put(path, known);
        }
        return known;
    }

    private static Optional<Vouched> entry(Vouched parent, String name) {
        if (!(parent instanceof Vouched.Directory directory)) {
            return Optional.of(parent instanceof Vouched.Packed ? parent : NOTHING);
        }
        Vouched there = directory.entries().get(name);
        boolean isAbsent = there == null && directory.listing().complete();
        return isAbsent ? Optional.of(NOTHING) : Optional.ofNullable(there);
    }

    /**
     * Proves that all that the compile used is still what it was told.
     *
     * @throws ChangedException if it need not be
     */
    public void check() throws IOException, ChangedException {
        Map<Path, Boolean> unchanged = new HashMap<>();
        Map<Path, Optional<FileEntry>> seen = new HashMap<>();
        for (Used use : used) {
            Path place = Path.of(use.path());
            if (outputs.contains(place)) {
                continue;
            }
            for (Vouched there : told(use.path())) {
                switch (use.kind()) {
                    case READ, SEEN -> checkPresent(place, there, seen);
                    case ABSENT -> checkAbsent(place, there, unchanged, seen);
                    case LISTED -> checkListed(place, there);
                }
            }
        }
    }

    private static Optional<FileEntry> entry(Path place, Map<Path, Optional<FileEntry>> seen) throws IOException {
        Optional<FileEntry> entry = seen.get(place);
        if (entry == null) {
            entry = FileEntry.at(place);
            seen.put(place, entry);
        }
        return entry;
    }

    private static void checkPresent(Path place, Vouched told, Map<Path, Optional<FileEntry>> seen)
            throws IOException, ChangedException {
        if (told instanceof Vouched.Packed) {
            return; // its compiler is checked as a whole
        }
        Optional<FileEntry> now = entry(place, seen);
        if (now.isEmpty() || !isSame(place, told, now.get())) {
            throw changed(place);
        }
    }

    private static boolean isSame(Path place, Vouched told, FileEntry now) throws IOException {
        if (told instanceof Vouched.RegularFile file) {
            return now.stat().equals(file.stat()) && (file.isSettled() || hasContent(place, file));
        } else if (told instanceof Vouched.Link link) {
            return now.stat().equals(link.stat());
        }
        return told instanceof Vouched.Directory directory
                && now.isDirectory()
                && now.stat().identity().equals(directory.stat().identity());
    }

    private static boolean hasContent(Path place, Vouched.RegularFile file) throws IOException {
        return Sha256.ofContent(new FileBytes(place, file.node().size()))
                .equals(file.node().content());
    }

    private void checkAbsent(
            Path place, Vouched told, Map<Path, Boolean> unchanged, Map<Path, Optional<FileEntry>> seen)
            throws IOException, ChangedException {
        if (!(told instanceof Vouched.Absent || told instanceof Vouched.Packed)) {
            throw changed(place);
        }
        Path parent = Objects.requireNonNull(place.getParent());
        Boolean isSame = unchanged.get(parent);
        if (isSame == null) {
            isSame = isUnchanged(parent, seen);
            unchanged.put(parent, isSame);
        }
        if (!isSame && FileEntry.at(place).isPresent()) {
            throw changed(place);
        }
    }

    /** Whether a directory has no other names than it had whenever it was told. */
    private boolean isUnchanged(Path place, Map<Path, Optional<FileEntry>> seen) throws IOException {
        Optional<FileStat> now = entry(place, seen).map(FileEntry::stat);
        return told(place.toString()).stream()
                .allMatch(told -> told instanceof Vouched.Directory directory
                        && directory.isSettled()
                        && now.equals(Optional.of(directory.stat())));
    }

    private static void checkListed(Path place, Vouched told) throws IOException, ChangedException {
        if (!(told instanceof Vouched.Directory directory)) {
            throw changed(place);
        } else if (!directory.listing().complete()) {
            return; // it was asked for again
        }
        Optional<FileStat> now = FileStat.of(place);
        if (directory.isSettled() && now.equals(Optional.of(directory.stat()))) {
            return;
        }
        Set<String> names = new HashSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(place)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
        directory.entries().forEach((name, entry) -> {
            if (entry instanceof Vouched.Packed) {
                names.add(name);
            }
        });
        if (!names.equals(directory.entries().keySet())) {
            throw changed(place);
        }
    }

    private static ChangedException changed(Path place) {
        return new ChangedException(place + " changed during the compile");
    }
}
