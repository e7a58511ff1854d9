package dev.jdist.client.view;

import dev.jdist.protocol.view.Sha256;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which contents one builder has of this client, as far as that is known. It may have dropped some since, and asks for them then. Thread-safe. */
public final class BuilderContents {
    /** So many digests are remembered: some 20 MB. */
    private static final int MOST = 300_000;

    private final Set<Sha256> had = ConcurrentHashMap.newKeySet();

    boolean has(Sha256 content) {
        return had.contains(content);
    }

    void add(Sha256 content) {
        if (had.size() >= MOST) {
            had.clear();
        }
        had.add(content);
    }

    /** It has nothing any more. */
    void clear() {
        had.clear();
    }

    /** It says that it does not have this. */
    void remove(Sha256 content) {
        had.remove(content);
    }
}
