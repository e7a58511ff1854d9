package dev.jdist.client.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes connections on to a port of loopback and keeps all bytes of both directions: what a listener on the network sees. */
public final class TcpRecorder implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    private final int target;
    /** What came, of each direction of each connection. */
    private final List<ByteArrayOutputStream> directions = new CopyOnWriteArrayList<>();

    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    public TcpRecorder(int target) throws IOException {
        this.target = target;
        start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Whether these bytes went over the network in one piece of one direction. */
    public boolean saw(byte[] needle) {
        String wanted = new String(needle, StandardCharsets.ISO_8859_1);
        return directions.stream()
                .anyMatch(each -> each.toString(StandardCharsets.ISO_8859_1).contains(wanted));
    }

    public boolean saw(String needle) {
        return saw(needle.getBytes(StandardCharsets.UTF_8));
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                open.add(near);
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(far);
                start(() -> pump(near, far));
                start(() -> pump(far, near));
            } catch (IOException e) {
                // Closed, or nobody listens behind: the next one may do better.
            }
        }
    }

    private void pump(Socket from, Socket to) {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        directions.add(seen);
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                // Kept before it is passed on: what has had an effect has been seen.
                seen.write(buffer, 0, count);
                out.write(buffer, 0, count);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            close(from);
            close(to);
        }
    }

    private void close(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone.
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "recorder");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        open.forEach(this::close);
    }
}
