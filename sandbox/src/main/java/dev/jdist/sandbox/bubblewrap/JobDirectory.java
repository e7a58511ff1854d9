package dev.jdist.sandbox.bubblewrap;

import dev.jdist.sandbox.tree.RootedTree;
import dev.jdist.sandbox.tree.TreeOwner;
import dev.jdist.sandbox.tree.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the builder keeps a job: {@code upper}, which has what the job is given and what it writes; {@code work} and {@code
 * target} for the mount of an overlay; the files {@code stdout} and {@code stderr}; and {@code status}, to which only the first
 * process of the sandbox can write.
 *
 * @param tree what the job sees
 */
public record JobDirectory(Path path, RootedTree tree) {
    private static final Logger log = LoggerFactory.getLogger(JobDirectory.class);

    /**
     * @param lower the tree that the job sees below its own
     * @param owner to whom belongs what the job has
     */
    static JobDirectory create(Path path, Path lower, TreeOwner owner) throws IOException {
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (String name : List.of("upper", "target")) {
            makeDirectory(path.resolve(name));
        }
        owner.own(path.resolve("upper"));
        return new JobDirectory(path, new RootedTree(path.resolve("upper"), Optional.of(lower), owner));
    }

    private static void makeDirectory(Path path) throws IOException {
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    Path upper() {
        return path.resolve("upper");
    }

    Path stdout() {
        return path.resolve("stdout");
    }

    /** Has something in it if the command began: see {@code serve.c}. */
    Path status() {
        return path.resolve("status");
    }

    Path stderr() {
        return path.resolve("stderr");
    }

    /** An overlay that was not synchronised, as ours are, leaves a mark that forbids the next to work here. */
    void renewWork() throws IOException {
        TreeRemoval.remove(path.resolve("work"));
        makeDirectory(path.resolve("work"));
    }

    /** Of all that is in {@code upper}: paths relative to it, directories before what they have. */
    List<Path> content() throws IOException {
        try (Stream<Path> paths = Files.walk(upper())) {
            return paths.skip(1).map(upper()::relativize).toList();
        }
    }

    /** The same under another name. Nobody may be using it. */
    JobDirectory renamed(Path name) throws IOException {
        Files.move(path, name);
        return new JobDirectory(name, tree.movedTo(name.resolve("upper")));
    }

    /** Nothing of the job may be running any more. */
    void remove() {
        try {
            TreeRemoval.remove(path);
        } catch (IOException e) {
            log.warn("cannot remove {}; the next start of this builder will: {}", path, e.toString());
        }
    }
}
