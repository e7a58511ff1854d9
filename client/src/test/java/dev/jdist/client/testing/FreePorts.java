package dev.jdist.client.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for programs that are about to be started: of those that Linux gives to nobody who does not ask for them, so that none
 * is taken by a connection, or by who wants just any port, before its program is up. Test classes run in several JVMs at a
 * time, and each of these has a range of its own.
 */
public final class FreePorts {
    private static final int RANGES = 8;
    private static final int COUNT = 12_000 / RANGES;
    private static final int FIRST = 20_000 + COUNT * (Integer.getInteger("jdist.fork", 0) % RANGES);
    private static final AtomicInteger NEXT = new AtomicInteger(new Random().nextInt(COUNT));

    private FreePorts() {}

    /** One that nobody listens on, and that was not given before. */
    public static int next() throws IOException {
        for (int tried = 0; tried < COUNT; tried++) {
            int port = FIRST + NEXT.getAndIncrement() % COUNT;
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (BindException e) {
                // Somebody's: the next one.
            }
        }
        throw new IOException("no port from " + FIRST + " on is free");
    }
}
