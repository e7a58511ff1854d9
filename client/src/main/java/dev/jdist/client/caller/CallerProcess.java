package dev.jdist.client.caller;

import java.io.IOException;
import java.util.List;

/** The process that wants a unit compiled: it runs commands, and writes what was compiled elsewhere. */
public interface CallerProcess extends CommandRunner {
    /**
     * Writes files as the caller's compiler would, with what holds for its new files: umask, default ACL, file systems that only
     * the caller sees.
     *
     * @throws IOException if they are not all in their places
     */
    void write(List<OutputFile> files) throws IOException, CallerGoneException, InterruptedException;
}
