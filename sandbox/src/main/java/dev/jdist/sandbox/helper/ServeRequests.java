package dev.jdist.sandbox.helper;

import dev.jdist.sandbox.SandboxCommand;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** What is said to {@code jdist-sandbox serve} and {@code await}, in the words at the head of {@code serve.c}. */
public final class ServeRequests {
    public static final int MAX_CHUNK = 64 << 10;

    private final DataOutputStream out;
    private final UnaryOperator<IOException> onFailure;

    /** @param onFailure makes of a broken connection the exception that is thrown */
    public ServeRequests(OutputStream out, UnaryOperator<IOException> onFailure) {
        this.out = new DataOutputStream(new BufferedOutputStream(out, MAX_CHUNK));
        this.onFailure = onFailure;
    }

    private interface Request {
        void write() throws IOException;
    }

    public void createDirectories(String path) throws IOException {
        send(() -> {
            out.writeByte('d');
            writeText(path);
        });
    }

    public void writeFile(String path, boolean executable, InputStream content) throws IOException {
        send(() -> {
            out.writeByte('f');
            writeText(path);
            out.writeByte(executable ? 1 : 0);
        });
        byte[] chunk = new byte[MAX_CHUNK];
        for (int length = content.read(chunk); length > 0; length = content.read(chunk)) {
            int bytes = length;
            send(() -> {
                out.writeInt(bytes);
                out.write(chunk, 0, bytes);
            });
        }
        send(() -> out.writeInt(0));
    }

    /** Has the next command run under a view; only to {@code await}. */
    public void showView() throws IOException {
        send(() -> out.writeByte('v'));
    }

    /** @param wanted how many bytes of each of the command's streams */
    public void run(SandboxCommand command, int wanted) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(command.executable());
        words.addAll(command.arguments());
        List<String> variables = new ArrayList<>();
        new TreeMap<>(command.environment()).forEach((name, value) -> variables.add(name + "=" + value));
        send(() -> {
            out.writeByte('r');
            out.writeInt(wanted);
            writeText(command.workingDirectory());
            writeTexts(words);
            writeTexts(variables);
            out.flush();
        });
    }

    public void readFile(String path) throws IOException {
        send(() -> {
            out.writeByte('o');
            writeText(path);
            out.flush();
        });
    }

    private void send(Request request) throws IOException {
        try {
            request.write();
        } catch (IOException e) {
            throw onFailure.apply(e);
        }
    }

    private void writeTexts(List<String> texts) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            writeText(text);
        }
    }

    private void writeText(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
