package dev.jdist.builder.http;

import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** One call of a client that sends and takes as little as a test wants, from an address of its own. */
final class SlowClient implements AutoCloseable {
    private final SSLSocket socket;
    private final byte[] body;
    private int sent;
    private final AtomicInteger taken = new AtomicInteger();

    /** @param from an address of this machine's loopback, such as 127.0.0.9 */
    SlowClient(InetAddress from, ServerId builder, String path, JobId job, String token, byte[] body)
            throws IOException, GeneralSecurityException {
        this.body = body;
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {new SlowUpload.TrustEverybody()}, null);
        Socket plain = new Socket();
        plain.setReceiveBufferSize(16 << 10);
        plain.bind(new InetSocketAddress(from, 0));
        plain.connect(new InetSocketAddress(builder.ip(), builder.port()));
        this.socket = (SSLSocket)
                tls.getSocketFactory().createSocket(plain, builder.ip().getHostAddress(), builder.port(), true);
        String head = "POST " + path + job + " HTTP/1.1\r\nHost: builder\r\nAuthorization: Bearer " + token
                + "\r\nContent-Type: application/octet-stream\r\nContent-Length: " + body.length
                + "\r\nConnection: close\r\n\r\n";
        write(head.getBytes(StandardCharsets.US_ASCII), 0, head.length());
    }

    private void write(byte[] bytes, int from, int count) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(bytes, from, count);
        out.flush();
    }

    /** Sends some more of the body. */
    SlowClient send(int bytes) throws IOException {
        int count = Math.min(bytes, body.length - sent);
        write(body, sent, count);
        sent += count;
        return this;
    }

    SlowClient sendAll() throws IOException {
        return send(body.length);
    }

    /** Takes some of the answer, waiting for it. */
    String take(int bytes) throws IOException {
        byte[] got = socket.getInputStream().readNBytes(bytes);
        taken.addAndGet(got.length);
        return new String(got, StandardCharsets.ISO_8859_1);
    }

    /** Bytes of the answer, up to now. */
    int taken() {
        return taken.get();
    }

    /** Takes all of the answer. */
    String takeAll() throws IOException {
        try (InputStream in = socket.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** Breaks it off. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
