package dev.jdist.builder.http;

import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A client that sends a toolchain in two halves, with as much time between them as a test wants. */
public final class SlowUpload implements AutoCloseable {
    private final SSLSocket socket;
    private final byte[] archive;

    /** Sends the first half. */
    SlowUpload(ServerId builder, JobId job, String token, byte[] archive) throws IOException, GeneralSecurityException {
        this.archive = archive;
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {new TrustEverybody()}, null);
        this.socket = (SSLSocket) tls.getSocketFactory().createSocket(builder.ip(), builder.port());
        String head =
                "POST " + Endpoints.SUBMIT_TOOLCHAIN + job + " HTTP/1.1\r\nHost: builder\r\nAuthorization: Bearer "
                        + token + "\r\nContent-Type: application/octet-stream\r\nContent-Length: " + archive.length
                        + "\r\nConnection: close\r\n\r\n";
        OutputStream out = socket.getOutputStream();
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(archive, 0, archive.length / 2);
        out.flush();
    }

    /** Sends the second half and gives the status line of the answer. */
    String finish() throws IOException {
        socket.getOutputStream().write(archive, archive.length / 2, archive.length - archive.length / 2);
        socket.getOutputStream().flush();
        try (InputStream in = socket.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1)
                    .lines()
                    .findFirst()
                    .orElse("");
        }
    }

    /** Breaks it off, if it is not finished. */
    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** For tests that look at bytes, not at who sent them. */
    static final class TrustEverybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
