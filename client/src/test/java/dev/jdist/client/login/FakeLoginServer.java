package dev.jdist.client.login;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;

/** A token endpoint that answers as the test says, and keeps what it was asked. */
public final class FakeLoginServer implements AutoCloseable {
    record Answer(int status, String body) {}

    record Question(String contentType, String body) {}

    final List<Question> questions = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    /** @param answers by content type and body */
    FakeLoginServer(BiFunction<String, String, Answer> answers) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/token", exchange -> {
            String type = exchange.getRequestHeaders().getFirst("Content-Type");
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            questions.add(new Question(type, body));
            Answer answer = answers.apply(type, body);
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    static FakeLoginServer always(int status, String body) throws IOException {
        return new FakeLoginServer((type, question) -> new Answer(status, body));
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
