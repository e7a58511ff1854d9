package dev.jdist.client.inputs;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All that one unit's compile reads, in some {@link InputForm}: what the cache makes keys of, and what another machine needs to
 * compile the unit. For one thread after the other.
 */
public interface UnitInputs extends AutoCloseable {
    /** Reads what the inputs hold, which may be large: not to be held on to. */
    Content read() throws IOException;

    /**
     * How the file system looked before the first file was read. A file that changed since may be in the inputs as it is now, or as
     * it was.
     */
    FileBaseline before();

    /** Makes them once more, and tells whether they came out the same: the time of day may be in them. */
    boolean areReproducible() throws IOException, CallerGoneException, InterruptedException;

    /**
     * The inputs in the form that another machine gets: these themselves, or others, which are closed with these.
     *
     * @throws NotSentException if there is no form of which another machine is sure to make what this one makes
     * @throws IOException if they cannot be written
     */
    default UnitInputs toSend() throws NotSentException, IOException, CallerGoneException, InterruptedException {
        return this;
    }

    /** Whether what they hold stands in the lines and columns in which the sources have it, for the compiler that gets them. */
    default boolean keepsColumns() {
        return false;
    }

    /**
     * Whether a compile of these inputs may print less than one of the sources would: something was remarked on while they were
     * made, or a warning depends on what is not in them.
     */
    boolean mayHideMessages() throws IOException, InterruptedException;

    /** The arguments with which a compiler that finds {@link #files} in their places compiles the unit. */
    List<String> arguments();

    /** What another machine needs beside the compiler. */
    List<InputFile> files() throws IOException;

    /**
     * The inputs with which a compiler prints what it would print here: these themselves, or others, which hold nothing that has to
     * be closed.
     *
     * @return nothing if there are none
     */
    Optional<UnitInputs> forMessages() throws IOException, InterruptedException;

    @Override
    void close() throws IOException;

    /** What inputs hold. */
    interface Content {
        /** What the unit needs beyond these inputs, which another machine does not have; or nothing. */
        Optional<String> outsideNeed();

        /** The files that the inputs were made of, in the order in which they were read. */
        Set<Path> sources() throws IOException;

        /** Those of them that may be no more than a name, as of what generated source was made of: nobody need have read them. */
        Set<Path> onlyNamed() throws IOException;

        /** Whether the unit's object may tell in which columns of the sources something is, which these inputs do not. */
        boolean tellsOfColumns();

        /** What stands for the unit in a cache key; nothing if a compile depends on more than that. */
        Optional<KeyText> keyText();
    }

    /**
     * What stands for a unit in a cache key.
     *
     * @param form tells texts of different forms apart
     * @param text what a compiler gets; not to be changed
     * @param remarks on standard error, while the text was made
     * @param tellsOfSources whether an object tells of the sources what is not in the text: their contents have to be in the key, too
     */
    record KeyText(String form, byte[] text, Bytes remarks, boolean tellsOfSources) {}
}
