package dev.jdist.sandbox.helper;

import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.view.Entries;
import dev.jdist.sandbox.view.FileView;
import dev.jdist.sandbox.view.Node;
import dev.jdist.sandbox.view.PathUse;
import dev.jdist.sandbox.view.ViewException;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The conversation about the view of one command, with the first process of its sandbox: the words are at the head of {@code
 * sandbox/src/main/c/nodes.c}. It asks, this answers. It belongs to the thread that calls {@link #hold()}.
 */
public final class ViewConversation {
    /** Bytes of a path, as the kernel counts them. */
    static final int MAX_PATH = 4096;
    /** Bytes of a name in a directory. */
    static final int MAX_NAME = 255;
    /** Bytes of the name of a content. */
    static final int MAX_CONTENT_NAME = 255;
    /** Bytes of a reason. */
    static final int MAX_REASON = 4 * MAX_PATH;
    /** Paths that one command may ask for, and entries that a directory may have. */
    static final int MAX_PATHS = 1 << 20;

    private static final int MAX_MODE = 07777;
    private static final int BUFFER = 64 << 10;

    private final FileView view;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();

    public ViewConversation(FileView view, InputStream questions, OutputStream answers) {
        this.view = view;
        this.in = new DataInputStream(new Questions(questions));
        this.out = new DataOutputStream(new BufferedOutputStream(new Answers(answers), BUFFER));
    }

    /**
     * Answers until the command has ended.
     *
     * @return what it had to do with the paths of the view; nothing if the sandbox ended before it had said that
     * @throws ViewException if the view cannot be shown
     * @throws SandboxException if a question cannot be understood
     * @throws IOException if the view failed
     */
    public Optional<List<PathUse>> hold() throws IOException, InterruptedException {
        try {
            while (true) {
                int question = in.readUnsignedByte();
                if (question == 'u') {
                    List<PathUse> uses = readUses();
                    confirm();
                    return Optional.of(uses);
                }
                answer(question);
            }
        } catch (ConnectionLostException e) {
            return Optional.empty();
        }
    }

    private void answer(int question) throws IOException, InterruptedException {
        switch (question) {
            case 'n' -> {
                String directory = readPath();
                write(view.entries(directory, readText(MAX_NAME)));
            }
            case 'a' -> write(view.all(readPath()));
            case 'f' -> {
                view.fetch(readText(MAX_CONTENT_NAME));
                confirm();
            }
            case 'x' -> throw new ViewException(new String(readBytes(MAX_REASON), StandardCharsets.UTF_8));
            default -> throw new SandboxException("a sandbox asked what is no question: " + question);
        }
    }

    private List<PathUse> readUses() throws IOException {
        int count = readNumber(MAX_PATHS);
        List<PathUse> uses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int kind = in.readUnsignedByte();
            PathUse.Kind use = switch (kind) {
                case 'r' -> PathUse.Kind.READ;
                case 'l' -> PathUse.Kind.LISTED;
                case 's' -> PathUse.Kind.SEEN;
                case 'a' -> PathUse.Kind.ABSENT;
                default -> throw new SandboxException("a sandbox reported a use of a path that is none: " + kind);
            };
            uses.add(new PathUse(readPath(), use));
        }
        return uses;
    }

    private int readNumber(int most) throws IOException {
        int number = in.readInt();
        if (number < 0 || number > most) {
            throw new SandboxException("a sandbox sent a number of " + Integer.toUnsignedString(number)
                    + ", where at most " + most + " makes sense");
        }
        return number;
    }

    private String readPath() throws IOException {
        String path = readText(MAX_PATH);
        if (!path.startsWith("/")) {
            throw new SandboxException("a sandbox sent a path that is not absolute: " + path);
        }
        return path;
    }

    private String readText(int most) throws IOException {
        byte[] bytes = readBytes(most);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new SandboxException("a sandbox sent a text that is not UTF-8", e);
        }
    }

    private byte[] readBytes(int most) throws IOException {
        byte[] bytes = new byte[readNumber(most)];
        in.readFully(bytes);
        return bytes;
    }

    private void confirm() throws IOException {
        out.writeByte('k');
        out.flush();
    }

    private void write(Entries entries) throws IOException {
        out.writeByte('e');
        out.writeByte(entries.complete() ? 1 : 0);
        out.writeInt(check(entries.nodes().size(), MAX_PATHS, "entries of a directory"));
        for (Map.Entry<String, Node> entry : entries.nodes().entrySet()) {
            writeName(entry.getKey());
            write(entry.getValue());
        }
        out.flush();
    }

    private void writeName(String name) throws IOException {
        if (name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
            throw new ViewException("no directory can have an entry of this name: " + name);
        }
        writeText(name, MAX_NAME);
    }

    private void write(Node node) throws IOException {
        if (node instanceof Node.Absent) {
            out.writeByte('-');
        } else if (node instanceof Node.Directory) {
            out.writeByte('d');
        } else if (node instanceof Node.RegularFile file) {
            out.writeByte('f');
            writeContentName(file.content());
            if (file.size() < 0) {
                throw new ViewException("no file has a size of " + file.size());
            }
            out.writeLong(file.size());
            out.writeLong(file.mtimeNanos());
            out.writeInt(file.mode() & MAX_MODE);
            out.writeLong(file.sameFile());
        } else if (node instanceof Node.SymbolicLink link) {
            out.writeByte('l');
            writeText(link.target(), MAX_PATH - 1);
        } else if (node instanceof Node.Lower) {
            out.writeByte('t');
        } else if (node instanceof Node.Unseen) {
            out.writeByte('?');
        }
    }

    /** It is opened relative to the directory of contents, from which no component may lead. */
    private void writeContentName(String content) throws IOException {
        for (String component : content.split("/", -1)) {
            if (component.isEmpty() || component.equals(".") || component.equals("..")) {
                throw new ViewException("no content has this name: " + content);
            }
        }
        writeText(content, MAX_CONTENT_NAME);
    }

    private void writeText(String text, int most) throws IOException {
        ByteBuffer bytes;
        try {
            bytes = encoder.encode(CharBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw new ViewException("no name has half a pair of surrogates: " + text);
        }
        if (bytes.remaining() == 0 || text.indexOf('\0') >= 0) {
            throw new ViewException("a name of a view is empty or has a NUL");
        }
        out.writeInt(check(bytes.remaining(), most, "bytes of a name"));
        out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    }

    private static int check(int count, int most, String what) throws ViewException {
        if (count > most) {
            throw new ViewException(count + " " + what + " of a view are more than " + most);
        }
        return count;
    }

    /** The sandbox ended: not to be confused with what a view throws. */
    private static final class ConnectionLostException extends IOException {
        private static final long serialVersionUID = 1;

        ConnectionLostException(String message) {
            super(message);
        }
    }

    private static ConnectionLostException lost(IOException e) {
        return new ConnectionLostException(e.toString());
    }

    private static final class Questions extends FilterInputStream {
        Questions(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            read(one, 0, 1);
            return one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            int count;
            try {
                count = in.read(to, offset, length);
            } catch (IOException e) {
                throw lost(e);
            }
            if (count < 0) {
                throw new ConnectionLostException("end of stream");
            }
            return count;
        }
    }

    private static final class Answers extends FilterOutputStream {
        Answers(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            try {
                out.write(from, offset, length);
            } catch (IOException e) {
                throw lost(e);
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw lost(e);
            }
        }
    }
}
