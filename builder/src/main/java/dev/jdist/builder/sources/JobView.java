package dev.jdist.builder.sources;

import dev.jdist.builder.store.ClientContents;
import dev.jdist.builder.store.ContentStore;
import dev.jdist.builder.store.NoRoomException;
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
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.sandbox.view.Entries;
import dev.jdist.sandbox.view.FileView;
import dev.jdist.sandbox.view.Node;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The view of one job: what its client said, and what it says when it is asked. A content that this client has not sent is one that
 * it is asked for, whatever others have sent.
 */
final class JobView implements FileView {
    /** Asks the client, and waits for its answer. */
    interface Client {
        SourceAnswers ask(Ask ask) throws IOException, InterruptedException;
    }

    /** So often in a row, what has just arrived may be gone again, as other jobs need the room. */
    private static final int MOST_EVICTIONS = 20;

    private final ClientContents contents;
    private final Bytes identity;
    private final Sha256 root;
    private final Client client;
    /** What was said of single paths, by directory and name: it counts for more than listings. */
    private final Map<String, Map<String, ViewNode>> said = new HashMap<>();

    private final Map<Sha256, Listing> listings = new HashMap<>();

    JobView(ClientContents contents, RunSourcesRequest request, Client client) {
        this.contents = contents;
        this.identity = request.client();
        this.root = request.root();
        this.client = client;
        request.nodes().forEach(this::note);
    }

    private void note(PathNode said) {
        String path = said.path();
        if (path.length() > 1) {
            int slash = path.lastIndexOf('/');
            this.said
                    .computeIfAbsent(directoryOf(path, slash), key -> new TreeMap<>())
                    .put(path.substring(slash + 1), said.node());
        }
    }

    private static String directoryOf(String path, int lastSlash) {
        return lastSlash == 0 ? "/" : path.substring(0, lastSlash);
    }

    /** Has the client send what it offers and this builder lacks: most of it in one turn. */
    void takeOffered(List<Sha256> offered) throws IOException, InterruptedException {
        need(offered);
    }

    private void need(Collection<Sha256> digests) throws IOException, InterruptedException {
        int evicted = 0;
        Set<Sha256> missing = contents.missing(identity, digests);
        while (!missing.isEmpty()) {
            Set<Sha256> sent = ask(List.of(), List.of(), missing);
            if (Collections.disjoint(sent, missing)) {
                throw new WireFormatException("the client does not send a content that it named");
            }
            Set<Sha256> left = contents.missing(identity, missing);
            if (left.size() == missing.size() && ++evicted > MOST_EVICTIONS) {
                throw evicted();
            }
            missing = left;
        }
    }

    private static NoRoomException evicted() {
        return new NoRoomException("contents of this job are evicted as soon as they arrive", null);
    }

    /** @return the contents that the client sent */
    private Set<Sha256> ask(Collection<String> paths, Collection<String> directories, Collection<Sha256> wanted)
            throws IOException, InterruptedException {
        SourceAnswers answers = client.ask(new Ask(List.copyOf(paths), List.copyOf(directories), List.copyOf(wanted)));
        Set<Sha256> sent = new LinkedHashSet<>();
        for (Content content : answers.contents()) {
            contents.put(identity, content.digest(), content.bytes());
            sent.add(content.digest());
        }
        answers.nodes().forEach(this::note);
        return sent;
    }

    @Override
    public Entries entries(String directory, String name) throws IOException, InterruptedException {
        Optional<ViewNode> node = find(directory, name);
        if (node.isEmpty() || node.get() instanceof ViewNode.Present) {
            String path = directory.equals("/") ? "/" + name : directory + "/" + name;
            ask(List.of(path), List.of(), List.of());
            node = find(directory, name);
            if (node.isEmpty() || node.get() instanceof ViewNode.Present) {
                throw new WireFormatException("the client does not say what is at a path");
            }
        }
        if (node.get() instanceof ViewNode.RegularFile file) {
            need(Set.of(file.content()));
        }
        Optional<Listing> listing = listing(directory);
        Map<String, ViewNode> all = new TreeMap<>(listing.map(Listing::entries).orElse(new TreeMap<>()));
        all.putAll(said.getOrDefault(directory, Map.of()));
        all.put(name, node.get());
        Map<String, Node> nodes = new HashMap<>();
        all.forEach((entry, there) -> nodes.put(entry, nodeOf(there)));
        return new Entries(listing.isPresent() && listing.get().complete(), nodes);
    }

    @Override
    public Entries all(String directory) throws IOException, InterruptedException {
        Optional<Listing> listing = listing(directory);
        if (listing.isEmpty() || !listing.get().complete()) {
            ask(List.of(), List.of(directory), List.of());
            listing = listing(directory);
            if (listing.isEmpty() || !listing.get().complete()) {
                throw new WireFormatException("the client does not say what is in a directory");
            }
        }
        Map<String, ViewNode> all = new TreeMap<>(listing.get().entries());
        all.putAll(said.getOrDefault(directory, Map.of()));
        List<String> unseen = all.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof ViewNode.Present)
                .map(entry -> directory.equals("/") ? "/" + entry.getKey() : directory + "/" + entry.getKey())
                .toList();
        if (!unseen.isEmpty()) {
            ask(unseen, List.of(), List.of());
            all.putAll(said.getOrDefault(directory, Map.of()));
        }
        Set<Sha256> files = new LinkedHashSet<>();
        for (ViewNode node : all.values()) {
            if (node instanceof ViewNode.RegularFile file) {
                files.add(file.content());
            }
        }
        need(files);
        Map<String, Node> nodes = new HashMap<>();
        for (Map.Entry<String, ViewNode> entry : all.entrySet()) {
            Node node = nodeOf(entry.getValue());
            if (node instanceof Node.Unseen) {
                throw new WireFormatException("the client does not say what is at a path");
            }
            nodes.put(entry.getKey(), node);
        }
        return new Entries(true, nodes);
    }

    @Override
    public void fetch(String content) throws IOException, InterruptedException {
        need(Set.of(Sha256.parse(content.replace("/", ""))));
    }

    /** Nothing if nothing was said of it. */
    private Optional<ViewNode> find(String directory, String name) throws IOException, InterruptedException {
        ViewNode single = said.getOrDefault(directory, Map.of()).get(name);
        if (single != null) {
            return Optional.of(single);
        }
        Optional<Listing> listing = listing(directory);
        if (listing.isEmpty()) {
            return Optional.empty();
        }
        ViewNode listed = listing.get().entries().get(name);
        return listed == null && listing.get().complete()
                ? Optional.of(new ViewNode.Absent())
                : Optional.ofNullable(listed);
    }

    private Optional<Listing> listing(String directory) throws IOException, InterruptedException {
        if (directory.equals("/")) {
            return Optional.of(listing(root));
        }
        int slash = directory.lastIndexOf('/');
        Optional<ViewNode> node = find(directoryOf(directory, slash), directory.substring(slash + 1));
        return node.isPresent()
                        && node.get() instanceof ViewNode.Directory known
                        && known.listing().isPresent()
                ? Optional.of(listing(known.listing().get()))
                : Optional.empty();
    }

    private Listing listing(Sha256 digest) throws IOException, InterruptedException {
        Listing known = listings.get(digest);
        if (known == null) {
            byte[] bytes = null;
            for (int attempt = 0; bytes == null && attempt < MOST_EVICTIONS; attempt++) {
                need(Set.of(digest));
                bytes = contents.read(identity, digest, WireLimits.LISTING).orElse(null);
            }
            if (bytes == null) {
                throw evicted();
            }
            known = Listing.decode(bytes);
            listings.put(digest, known);
        }
        return known;
    }

    /** What is not known has to be asked for by name, and so has a content that this client has not sent. */
    private Node nodeOf(ViewNode node) {
        if (node instanceof ViewNode.Absent) {
            return new Node.Absent();
        } else if (node instanceof ViewNode.Directory) {
            return new Node.Directory();
        } else if (node instanceof ViewNode.SymbolicLink link) {
            return new Node.SymbolicLink(link.target());
        } else if (node instanceof ViewNode.Toolchain) {
            return new Node.Lower();
        } else if (node instanceof ViewNode.RegularFile file && contents.mayName(identity, file.content())) {
            return new Node.RegularFile(
                    ContentStore.nameOf(file.content()), file.size(), file.mtimeNanos(), file.mode(), file.sameFile());
        }
        return new Node.Unseen();
    }
}
