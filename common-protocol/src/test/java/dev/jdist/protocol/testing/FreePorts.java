package dev.jdist.protocol.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Ports for programs that are about to be started: of those that Linux gives to nobody who does not ask for them, so that none
 * is taken by a connection, or by who wants just any port, before its program is up. Test classes run in several JVMs at a
 * time, beside {@code scripts/lab}: ports are taken in blocks, and who listens on the first port of a block has the others.
 */
public final class FreePorts {
    // The same numbers are in scripts/lab/ports.py.
    private static final int FIRST = 20_000;
    private static final int BLOCK = 16;
    private static final int BLOCKS = 750;
    private static final Random RANDOM = new Random();
    /** They keep the blocks until this JVM ends. */
    private static final List<ServerSocket> GUARDS = new ArrayList<>();

    private static int next;
    private static int end;

    private FreePorts() {}

    /** One that nobody listens on, and that was not given before. */
    public static synchronized int next() throws IOException {
        while (true) {
            if (next == end) {
                takeBlock();
            }
            int port = next++;
            try (ServerSocket probe = listen(port)) {
                return probe.getLocalPort();
            } catch (BindException e) {
                // Somebody's who knows nothing of blocks: the next one.
            }
        }
    }

    private static ServerSocket listen(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }

    private static void takeBlock() throws IOException {
        int start = RANDOM.nextInt(BLOCKS);
        for (int tried = 0; tried < BLOCKS; tried++) {
            int guard = FIRST + BLOCK * ((start + tried) % BLOCKS);
            try {
                GUARDS.add(listen(guard));
            } catch (BindException e) {
                continue;
            }
            next = guard + 1;
            end = guard + BLOCK;
            return;
        }
        throw new IOException("all " + BLOCKS + " blocks of ports from " + FIRST + " on are taken");
    }
}
