package dev.jdist.protocol.http;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.http.client.HttpTarget;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** A server that does to each connection just what the test says, one script per connection, in order. */
public final class RawPeer implements AutoCloseable {
    private final ServerSocket listener;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();

    /** What happens on one connection; it is closed afterwards. */
    @FunctionalInterface
    public interface Script {
        void run(Connection connection) throws Exception;
    }

    public static final class Connection {
        private final Socket socket;
        private final InputStream in;

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
        }

        /** One request, head and body, as text. */
        public String read() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int c = in.read();
                if (c < 0) {
                    throw new EOFException("the client closed");
                }
                head.append((char) c);
            }
            int length = 0;
            for (String line : head.toString().split("\r\n")) {
                if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    length = Integer.parseInt(
                            line.substring(line.indexOf(':') + 1).trim());
                }
            }
            return head + new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
        }

        /** Reads a request part by part, as a slow network lets it arrive. @return bytes of its body */
        public long readSlowly(int part, Duration pause) throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            String length = head.toString().replaceAll("(?s).*content-length: ([0-9]+).*", "$1");
            long left = Long.parseLong(length);
            while (left > 0) {
                LockSupport.parkNanos(pause.toNanos());
                left -= in.readNBytes((int) Math.min(part, left)).length;
            }
            return Long.parseLong(length);
        }

        public void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** Waits until the client closes, and says what it sent until then. */
        public String readToEnd() throws IOException {
            try {
                return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            } catch (java.net.SocketException e) {
                return "";
            }
        }
    }

    private RawPeer(ServerSocket listener) {
        this.listener = listener;
    }

    /** Serves as many connections as there are scripts. */
    public static RawPeer serving(Script... scripts) throws IOException {
        RawPeer peer = new RawPeer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        for (int i = 0; i < scripts.length; i++) {
            peer.outcomes.add(new CompletableFuture<>());
        }
        peer.threads.execute(() -> {
            for (int i = 0; i < scripts.length; i++) {
                peer.accept(scripts[i], peer.outcomes.get(i));
            }
        });
        return peer;
    }

    private final List<CompletableFuture<Void>> outcomes = new CopyOnWriteArrayList<>();

    private void accept(Script script, CompletableFuture<Void> outcome) {
        try {
            Socket socket = listener.accept();
            accepted.add(socket);
            threads.execute(() -> {
                try (socket) {
                    script.run(new Connection(socket));
                    outcome.complete(null);
                } catch (Throwable e) {
                    outcome.completeExceptionally(e);
                }
            });
        } catch (IOException e) {
            outcome.completeExceptionally(e);
        }
    }

    /** How the script of the given connection ended. */
    public CompletableFuture<Void> outcome(int connection) {
        return outcomes.get(connection);
    }

    public HttpTarget target() {
        return new HttpTarget.Scheduler(HttpUrl.parse("http://127.0.0.1:" + listener.getLocalPort()));
    }

    public int connections() {
        return accepted.size();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : accepted) {
            socket.close();
        }
        threads.shutdownNow();
    }
}
