package dev.jdist.client.toolchain;

import dev.jdist.client.files.Directories;
import dev.jdist.client.toolchain.ChrootRunner.Result;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A packed toolchain as the root directory of commands, as a builder has it, with the files of a job in it. It goes with this object.
 * For one thread.
 */
public final class ToolchainRoot implements AutoCloseable {
    /** As many as the kernel follows. */
    private static final int MOST_LINKS = 40;

    private final UnpackedArchive tree;
    private final ChrootRunner runner;

    private ToolchainRoot(UnpackedArchive tree, ChrootRunner runner) {
        this.tree = tree;
        this.runner = runner;
    }

    /**
     * Unpacks a toolchain.
     *
     * @param directory in which the tree is made
     * @param prefix of its name
     * @return nothing if this machine does not let it be a root directory
     */
    static Optional<ToolchainRoot> of(Path archive, Path directory, String prefix)
            throws IOException, InterruptedException {
        Optional<ChrootRunner> bubblewrap = ChrootRunner.bubblewrap();
        if (bubblewrap.isEmpty()) {
            return Optional.empty();
        }
        UnpackedArchive tree = UnpackedArchive.of(archive, directory, prefix);
        boolean isKept = false;
        try {
            isKept = ChrootRunner.isExecutable(tree.root());
            return isKept ? Optional.of(new ToolchainRoot(tree, bubblewrap.get())) : Optional.empty();
        } finally {
            if (!isKept) {
                tree.close();
            }
        }
    }

    /** Adds the files and directories of a tar, by their paths without the leading slash. They replace those that are there. */
    public void add(InputStream tar) throws IOException {
        TarArchiveInputStream in = new TarArchiveInputStream(tar, StandardCharsets.UTF_8.name());
        for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
            if (entry.isDirectory()) {
                createDirectories(entry.getName());
            } else {
                Path place = inside(entry.getName());
                Files.createDirectories(Directories.of(place));
                Files.copy(in, place, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** @param path as seen from inside */
    public void createDirectories(String path) throws IOException {
        Files.createDirectories(inside(path));
    }

    /** Where a file is, there or not. @param path as seen from inside */
    public Path inside(String path) throws IOException {
        Path place = tree.root();
        int links = 0;
        Deque<String> left = new ArrayDeque<>(List.of(path.split("/")));
        while (!left.isEmpty()) {
            String name = left.pop();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            } else if (name.equals("..")) {
                place = place.equals(tree.root()) ? place : Directories.of(place);
                continue;
            }
            Path next = place.resolve(name);
            if (!Files.isSymbolicLink(next)) {
                place = next;
                continue;
            }
            links++;
            if (links > MOST_LINKS) {
                throw new IOException("too many links on the way to " + path);
            }
            String target = Files.readSymbolicLink(next).toString();
            if (target.startsWith("/")) {
                place = tree.root();
            }
            String[] names = target.split("/");
            for (int i = names.length - 1; i >= 0; i--) {
                left.push(names[i]);
            }
        }
        return place;
    }

    /**
     * Runs a command in this root, behind all else that this machine does.
     *
     * @param environment all of it
     * @return its exit code; 127 if it cannot be started
     */
    public int run(List<String> command, Map<String, String> environment, String directory)
            throws InterruptedException {
        Result result = runner.runBehindOthers(tree.root(), directory, command, environment);
        return result.code();
    }

    @Override
    public void close() throws IOException {
        tree.close();
    }
}
