package dev.jdist.builder.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.view.Sha256;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The contents of a {@link ContentStore} as each client may see them: those that it has sent itself. Any other is missing for
 * it, and the store is not even looked into, so that neither answers nor their time tell a client what others compile.
 *
 * <p>A client is known by the random bytes that it keeps, which are as good as a password, and in no log. What it has sent is
 * remembered in memory only, of as many clients and digests as {@link #MOST_CLIENTS} and {@link #MOST_BYTES} allow, those that
 * came last; to forget costs that a client sends what the store has. So somebody who makes up clients can slow others down, and
 * nothing else.
 */
public final class ClientContents {
    static final int MOST_CLIENTS = 1000;
    /** Of memory, for all clients together. */
    static final long MOST_BYTES = 64L << 20;

    private final ContentStore store;
    private final long mostBytes;
    private final SecureRandom random = new SecureRandom();

    @GuardedBy("this")
    private final Map<Bytes, DigestSet> sent = new LinkedHashMap<>(16, 0.75f, true);

    @GuardedBy("this")
    private long bytes;

    public ClientContents(ContentStore store) {
        this(store, MOST_BYTES);
    }

    ClientContents(ContentStore store, long mostBytes) {
        this.store = store;
        this.mostBytes = mostBytes;
    }

    /** Whether a client has sent a content, and it is there; that counts as a use of it. */
    public boolean contains(Bytes client, Sha256 digest) {
        return mayName(client, digest) && store.contains(digest);
    }

    /** Of some digests those that the client has to send, in their order. */
    public Set<Sha256> missing(Bytes client, Collection<Sha256> digests) {
        Set<Sha256> missing = new LinkedHashSet<>();
        for (Sha256 digest : digests) {
            if (!contains(client, digest)) {
                missing.add(digest);
            }
        }
        return missing;
    }

    /**
     * Takes in what a client sends, as {@link ContentStore#put(Sha256, PrimitiveBytes)}; the client may name it from now on.
     */
    public void put(Bytes client, Sha256 digest, PrimitiveBytes content) throws IOException {
        store.put(digest, content);
        noteSent(client, digest);
    }

    /** Takes in what a client sends, as {@link ContentStore#put(Sha256, InputStream)}. */
    public void put(Bytes client, Sha256 digest, InputStream content) throws IOException {
        store.put(digest, content);
        noteSent(client, digest);
    }

    /** Reads what a client has sent, as {@link ContentStore#read}; nothing if it has not. */
    public Optional<byte[]> read(Bytes client, Sha256 digest, int most) throws IOException {
        return mayName(client, digest) ? store.read(digest, most) : Optional.empty();
    }

    /** Whether a client has sent a content, which may be gone again. */
    public synchronized boolean mayName(Bytes client, Sha256 digest) {
        DigestSet digests = sent.get(client);
        if (digests == null) {
            return false;
        }
        long before = digests.bytes();
        boolean isSent = digests.contains(digest);
        grown(digests.bytes() - before);
        return isSent;
    }

    private synchronized void noteSent(Bytes client, Sha256 digest) {
        DigestSet digests = sent.get(client);
        if (digests == null) {
            digests = new DigestSet(random.nextLong(), random.nextLong());
            bytes += digests.bytes();
            sent.put(Bytes.copyOf(client.toByteArray()), digests); // it may be a part of a message
        }
        long before = digests.bytes();
        digests.add(digest);
        grown(digests.bytes() - before);
    }

    /** Keeps within the limits by forgetting clients; the one that is there now comes last. */
    @GuardedBy("this")
    private void grown(long more) {
        bytes += more;
        Iterator<DigestSet> oldestFirst = sent.values().iterator();
        while (sent.size() > 1 && (bytes > mostBytes || sent.size() > MOST_CLIENTS)) {
            bytes -= oldestFirst.next().bytes();
            oldestFirst.remove();
        }
    }

    synchronized int clients() {
        return sent.size();
    }

    synchronized long bytes() {
        return bytes;
    }
}
