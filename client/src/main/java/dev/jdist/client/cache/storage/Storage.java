package dev.jdist.client.cache.storage;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * A place for entries of the cache: bytes under a name. {@link EntryStore} stands above each storage. It frames the entries,
 * notices damaged ones, bounds how many bytes are under way and how long somebody waits. A storage therefore never looks into
 * the bytes and needs no limit for what it was given and has not stored yet.
 *
 * <p>Any thread may call each method. A method that has to wait for another machine returns at once, and its future completes
 * later. A storage whose answer is at hand, such as a file of this machine, gets it on the caller's thread and returns a future
 * that is complete: a hit then costs no switch of threads. No method throws because of the storage; the future fails instead.
 */
public interface Storage extends AutoCloseable {
    /** Where the entries are, for statistics and messages. */
    String location();

    /** Bytes that all entries take; nothing if the storage does not know. */
    OptionalLong size();

    /** Bytes that all entries may take; nothing if the storage does not know. */
    OptionalLong limit();

    /** Whether entries may be changed; if not, the methods below {@link #read} are not called. */
    boolean isWritable();

    /**
     * Reads an entry.
     *
     * @return nothing if there is none. Whoever does not want the bytes any more cancels the future
     */
    CompletableFuture<Optional<byte[]>> read(EntryName name);

    /**
     * Stores an entry, or replaces the one that is there. Readers see the old bytes or the new ones, and never a part.
     * If two writes of one name overlap, either may hold: a cache that forgets is slower, and not wrong.
     *
     * @param bytes which nobody changes any more
     * @return how long it took to write them; nothing if the storage has no place for so many bytes
     */
    CompletableFuture<Optional<Duration>> write(EntryName name, byte[] bytes);

    /** Counts an entry as used now, soon. The entry that was not used for longest is evicted first. Nobody waits for it. */
    void touch(EntryName name);

    /** Removes an entry that is of no use, soon. Nobody waits for it. A later write of the same name holds. */
    void remove(EntryName name);

    /**
     * Removes entries by their last bytes, in the background: all that were written before this is called, and none that are not to be
     * removed. What is written under the same names meanwhile may be removed as well.
     *
     * @param length how many bytes {@code unwanted} gets of the end of each result; fewer, if the entry is shorter
     * @param unwanted is called on any thread
     * @return how many were removed
     */
    CompletableFuture<Long> removeIf(int length, Predicate<byte[]> unwanted);

    /** Ends what was asked for before, within a bounded time; a search for entries to remove may be left unfinished. */
    @Override
    void close();
}
