package dev.jdist.sandbox;

import dev.jdist.sandbox.tree.UnsafePathException;
import dev.jdist.sandbox.view.FileView;
import dev.jdist.sandbox.view.ViewException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * One command's file system: the tree it was opened on as it is, and over it what was put in and what the command
 * writes. It belongs to the thread that opened it, except for {@link #kill()}. Paths are absolute, as seen from inside.
 */
public interface IsolatedRoot extends AutoCloseable {
    /**
     * Makes a directory and those above it.
     *
     * @throws UnsafePathException if a file is in the way; perhaps only when the command is run
     */
    void createDirectories(String path) throws IOException;

    /** Writes a file, and makes the directories above it. A file or link of that name is replaced. */
    void writeFile(String path, boolean executable, InputStream content) throws IOException;

    /**
     * Runs a command and waits for it.
     *
     * @throws LimitExceededException if it took too much of something: nothing of it runs any more
     * @throws CommandKilledException if {@link #kill()} was called
     * @throws SandboxException if the sandbox failed
     */
    SandboxResult run(SandboxCommand command, JobLimits limits) throws IOException, InterruptedException;

    /**
     * Runs a command under a view, and waits for it: it finds what the view says, and nothing else of what is below or was
     * put in. It reads contents from the directory of contents that the isolation was opened with.
     *
     * @throws LimitExceededException as {@link #run(SandboxCommand, JobLimits)} does; waiting for the view counts as time
     * @throws CommandKilledException if {@link #kill()} was called
     * @throws ViewException if the view could not be shown to the command
     * @throws SandboxException if the sandbox failed, or {@link Isolation#withoutViews()} says that it has no views
     */
    default ViewResult run(SandboxCommand command, JobLimits limits, FileView view)
            throws IOException, InterruptedException {
        throw new SandboxException("sandboxes of this kind have no views");
    }

    /** Ends the command, if one runs, and lets none start any more. Does not block; any thread may call this. */
    void kill();

    /**
     * A file that the command wrote (or that was there), to be read to its end before anything else is asked. Links are
     * followed inside the root only; what is not a regular file is as good as absent.
     */
    Optional<InputStream> openFile(String path) throws IOException;

    /** Removes everything. */
    @Override
    void close();
}
