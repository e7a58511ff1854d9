package dev.jdist.builder.store;

import dev.jdist.protocol.view.Sha256;
import java.util.stream.Stream;

/**
 * By these, all that puts a file of some name in its place and all that removes it take turns: so nobody removes what another
 * thread has just put there. Held while files are renamed, removed and looked at, and never while they are read or written.
 */
final class NameLocks {
    private static final int LOCKS = 64;

    private final Object[] locks = Stream.generate(Object::new).limit(LOCKS).toArray();

    /** Of a name, and of some others. */
    Object of(Sha256 digest) {
        return locks[Math.floorMod(digest.hashCode(), LOCKS)];
    }
}
