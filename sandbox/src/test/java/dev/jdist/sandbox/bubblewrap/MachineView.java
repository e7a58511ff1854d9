package dev.jdist.sandbox.bubblewrap;

import dev.jdist.sandbox.view.Entries;
import dev.jdist.sandbox.view.FileView;
import dev.jdist.sandbox.view.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A view of a directory of this machine, "/" or another, whose files become contents when they are asked for. Below it are
 * those of a lower tree that this view knows.
 */
class MachineView implements FileView {
    private final Path root;
    private final Path contents;
    private final boolean wholeDirectories;
    /** What was asked, in order. */
    final List<String> questions = new ArrayList<>();

    private final Map<String, Path> files = new ConcurrentHashMap<>();

    /** Called at each question, when that is among {@link #questions}. */
    Pause onQuestion = () -> {};

    interface Pause {
        void take() throws IOException, InterruptedException;
    }

    /** Which paths the lower tree has as far as this view knows. */
    Predicate<String> isOfLower = path -> false;

    @Nullable
    Path lower;

    /** @param wholeDirectories whether all entries are told at the first question about a directory */
    MachineView(Path root, Path contents, boolean wholeDirectories) {
        this.root = root;
        this.contents = contents;
        this.wholeDirectories = wholeDirectories;
    }

    Path on(String path) {
        return root.resolve(path.substring(1));
    }

    private void ask(String question) throws IOException, InterruptedException {
        questions.add(question);
        onQuestion.take();
    }

    @Override
    public Entries entries(String directory, String name) throws IOException, InterruptedException {
        ask("n " + directory + " " + name);
        if (wholeDirectories) {
            return list(directory);
        }
        return new Entries(false, Map.of(name, node((directory.equals("/") ? "" : directory) + "/" + name)));
    }

    @Override
    public Entries all(String directory) throws IOException, InterruptedException {
        ask("a " + directory);
        return list(directory);
    }

    private Entries list(String directory) throws IOException {
        Map<String, Node> nodes = new HashMap<>();
        Path path = on(directory);
        if (Files.isDirectory(path)) {
            try (Stream<Path> entries = Files.list(path)) {
                for (Path entry : entries.toList()) {
                    String name = entry.getFileName().toString();
                    Node node = node((directory.equals("/") ? "" : directory) + "/" + name);
                    nodes.put(name, node);
                }
            }
        }
        if (lower != null && Files.isDirectory(lower.resolve(directory.substring(1)))) {
            try (Stream<Path> below = Files.list(lower.resolve(directory.substring(1)))) {
                below.map(entry -> entry.getFileName().toString())
                        .forEach(name -> nodes.computeIfAbsent(
                                name, absent -> node((directory.equals("/") ? "" : directory) + "/" + name)));
            }
        }
        return new Entries(true, nodes);
    }

    /** What this view says of one path. */
    Node node(String path) {
        Path file = on(path);
        try {
            if (Files.isSymbolicLink(file)) {
                return new Node.SymbolicLink(Files.readSymbolicLink(file).toString());
            }
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                return new Node.Directory();
            }
            if (Files.notExists(file) && isOfLower.test(path)) {
                return new Node.Lower();
            }
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !Files.isReadable(file)) {
                return new Node.Absent();
            }
            Map<String, Object> status = Files.readAttributes(file, "unix:ino,nlink,size,mode,lastModifiedTime");
            String content = "c/" + status.get("ino");
            files.put(content, file);
            FileTime time = (FileTime) status.get("lastModifiedTime");
            return new Node.RegularFile(
                    content,
                    (long) status.get("size"),
                    time.to(TimeUnit.NANOSECONDS),
                    (int) status.get("mode") & 0777,
                    (int) status.get("nlink") > 1 ? (long) status.get("ino") : 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void fetch(String content) throws IOException, InterruptedException {
        ask("f " + content);
        Path target = contents.resolve(content);
        Files.createDirectories(target.getParent());
        Path part = target.resolveSibling(target.getFileName() + ".part");
        Files.copy(files.get(content), part, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
