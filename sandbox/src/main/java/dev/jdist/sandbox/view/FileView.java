package dev.jdist.sandbox.view;

import java.io.IOException;

/**
 * What a command finds in its file system, as somebody vouches for it. Nothing else is there for the command, but for
 * {@code /dev} and {@code /proc}, and for what it makes itself.
 *
 * <p>One thread at a time calls these methods; a process of the command waits meanwhile. They may block. Whatever they
 * throw ends the command and reaches the caller of {@link dev.jdist.sandbox.IsolatedRoot#run(
 * dev.jdist.sandbox.SandboxCommand, dev.jdist.sandbox.JobLimits, FileView)}; they are interrupted when the command
 * ends before its time. What was said of a path counts until the command has ended.
 */
public interface FileView {
    /**
     * Entries of a directory, {@code name} among them unless they are complete: as many as are known, so that less has to
     * be asked for.
     *
     * @param directory absolute, without links, {@code .} or {@code ..} in it: a directory by what this view said before
     *     ({@code /} is one), or one of the lower tree that it pointed to
     * @param name one that nothing was said of yet
     */
    Entries entries(String directory, String name) throws IOException, InterruptedException;

    /** All entries of a directory: complete. @param directory as for {@link #entries} */
    Entries all(String directory) throws IOException, InterruptedException;

    /**
     * Sees to it that a content is in the directory of contents when this returns. Called only if it is not there: it may
     * have been removed after it was named.
     *
     * @param content as in {@link Node.RegularFile#content}
     */
    void fetch(String content) throws IOException, InterruptedException;
}
