package dev.jdist.sandbox.helper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.view.Entries;
import dev.jdist.sandbox.view.FileView;
import dev.jdist.sandbox.view.Node;
import dev.jdist.sandbox.view.PathUse;
import dev.jdist.sandbox.view.ViewException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said about a view, in bytes: {@code fuzz-view.c} is the test of the other side. */
class ViewConversationTest {
    private static final long NANOS = Long.getLong("jdist.fuzz.seconds", 0) * 1_000_000_000;
    private static final int CHANGES = 20_000;

    private final List<String> asked = new ArrayList<>();
    private Entries answer = new Entries(true, Map.of());

    private final FileView view = new FileView() {
        @Override
        public Entries entries(String directory, String name) {
            asked.add("entries " + directory + " " + name);
            return answer;
        }

        @Override
        public Entries all(String directory) {
            asked.add("all " + directory);
            return answer;
        }

        @Override
        public void fetch(String content) {
            asked.add("fetch " + content);
        }
    };

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writing.to(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static void end(DataOutputStream out) throws IOException {
        out.writeByte('u');
        out.writeInt(0);
    }

    private static void question(DataOutputStream out, char kind, String... texts) throws IOException {
        out.writeByte(kind);
        for (String text : texts) {
            text(out, text);
        }
    }

    private byte[] hold(byte[] questions) throws IOException, InterruptedException {
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        new ViewConversation(view, new ByteArrayInputStream(questions), answers).hold();
        return answers.toByteArray();
    }

    @Test
    void hold_questions_reachTheView() throws Exception {
        hold(bytes(out -> {
            question(out, 'n', "/a", "ü");
            question(out, 'a', "/");
            question(out, 'f', "ab/cd");
            end(out);
        }));

        assertEquals(List.of("entries /a ü", "all /", "fetch ab/cd"), asked);
    }

    @Test
    void hold_eachKindOfNode_isWrittenAsTheOtherSideReadsIt() throws Exception {
        Map<Node, byte[]> nodes = Map.of(
                new Node.Absent(), bytes(out -> out.writeByte('-')),
                new Node.Directory(), bytes(out -> out.writeByte('d')),
                new Node.Lower(), bytes(out -> out.writeByte('t')),
                new Node.SymbolicLink("../ü"),
                        bytes(out -> {
                            out.writeByte('l');
                            text(out, "../ü");
                        }),
                new Node.RegularFile("ab/cd", 1L << 33, -1, 0755, 7),
                        bytes(out -> {
                            out.writeByte('f');
                            text(out, "ab/cd");
                            out.writeLong(1L << 33);
                            out.writeLong(-1);
                            out.writeInt(0755);
                            out.writeLong(7);
                        }));
        for (Map.Entry<Node, byte[]> entry : nodes.entrySet()) {
            answer = new Entries(false, Map.of("name", entry.getKey()));
            byte[] expected = bytes(out -> {
                out.writeByte('e');
                out.writeByte(0);
                out.writeInt(1);
                text(out, "name");
                out.write(entry.getValue());
                out.writeByte('k'); // for what was used
            });

            assertArrayEquals(
                    expected,
                    hold(bytes(out -> {
                        question(out, 'n', "/", "name");
                        end(out);
                    })),
                    entry.getKey().toString());
        }
    }

    @Test
    void hold_uses_areReturned() throws Exception {
        byte[] said = bytes(out -> {
            out.writeByte('u');
            out.writeInt(4);
            question(out, 'r', "/a");
            question(out, 'l', "/");
            question(out, 's', "/s");
            question(out, 'a', "/none");
        });

        assertEquals(
                Optional.of(List.of(
                        new PathUse("/a", PathUse.Kind.READ),
                        new PathUse("/", PathUse.Kind.LISTED),
                        new PathUse("/s", PathUse.Kind.SEEN),
                        new PathUse("/none", PathUse.Kind.ABSENT))),
                new ViewConversation(view, new ByteArrayInputStream(said), new ByteArrayOutputStream()).hold());
    }

    static Stream<byte[]> nonsense() {
        return Stream.of(
                bytes(out -> out.writeByte('?')),
                bytes(out -> question(out, 'a', "relative")),
                bytes(out -> question(out, 'a', "")),
                bytes(out -> {
                    out.writeByte('a');
                    out.writeInt(-1);
                }),
                bytes(out -> {
                    out.writeByte('a');
                    out.writeInt(Integer.MAX_VALUE);
                }),
                bytes(out -> {
                    out.writeByte('a');
                    out.writeInt(2);
                    out.write(new byte[] {'/', (byte) 0xff});
                }),
                bytes(out -> question(out, 'n', "/", "n".repeat(256))),
                bytes(out -> {
                    out.writeByte('u');
                    out.writeInt(1);
                    question(out, '?', "/");
                }),
                bytes(out -> {
                    out.writeByte('u');
                    out.writeInt(ViewConversation.MAX_PATHS + 1);
                }));
    }

    @ParameterizedTest
    @MethodSource("nonsense")
    void hold_whatIsNoQuestion_isRefused(byte[] said) {
        assertThrows(SandboxException.class, () -> hold(said));
    }

    @Test
    void hold_reason_isThrown() {
        ViewException e = assertThrows(ViewException.class, () -> hold(bytes(out -> question(out, 'x', "why"))));

        assertEquals("why", e.getMessage());
    }

    @Test
    void hold_anyEnd_isNoResult() throws Exception {
        byte[] whole = bytes(out -> {
            question(out, 'n', "/a", "b");
            out.writeByte('u');
            out.writeInt(1);
            question(out, 'r', "/a");
        });
        for (int length = 0; length < whole.length; length++) {
            InputStream in = new ByteArrayInputStream(whole, 0, length);

            assertEquals(
                    Optional.empty(),
                    new ViewConversation(view, in, new ByteArrayOutputStream()).hold(),
                    "the first " + length);
        }
    }

    @Test
    void hold_answersThatNobodyReads_areNoResult() throws Exception {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException("broken pipe");
            }
        };
        InputStream in = new ByteArrayInputStream(bytes(out -> question(out, 'a', "/")));

        assertEquals(Optional.empty(), new ViewConversation(view, in, broken).hold());
    }

    @Test
    void hold_whatTheViewThrows_isThrownAsItIs() {
        EOFException failure = new EOFException("of the client");
        FileView failing = new FileView() {
            @Override
            public Entries entries(String directory, String name) throws IOException {
                throw failure;
            }

            @Override
            public Entries all(String directory) throws IOException {
                throw failure;
            }

            @Override
            public void fetch(String content) throws IOException {
                throw failure;
            }
        };
        InputStream in = new ByteArrayInputStream(bytes(out -> question(out, 'f', "c")));

        assertSame(
                failure,
                assertThrows(
                        IOException.class,
                        () -> new ViewConversation(failing, in, new ByteArrayOutputStream()).hold()));
    }

    static List<Map<String, Node>> impossible() {
        return List.of(
                Map.of("", new Node.Absent()),
                Map.of(".", new Node.Absent()),
                Map.of("..", new Node.Directory()),
                Map.of("a/b", new Node.Directory()),
                Map.of("a\0b", new Node.Directory()),
                Map.of("n".repeat(256), new Node.Directory()),
                Map.of("\ud800", new Node.Directory()),
                Map.of("l", new Node.SymbolicLink("")),
                Map.of("l", new Node.SymbolicLink("x".repeat(4096))),
                Map.of("f", new Node.RegularFile("", 0, 0, 0644, 0)),
                Map.of("f", new Node.RegularFile("/etc/shadow", 0, 0, 0644, 0)),
                Map.of("f", new Node.RegularFile("a/../../b", 0, 0, 0644, 0)),
                Map.of("f", new Node.RegularFile("a//b", 0, 0, 0644, 0)),
                Map.of("f", new Node.RegularFile("a", -1, 0, 0644, 0)));
    }

    @ParameterizedTest
    @MethodSource("impossible")
    void hold_whatNoFileSystemCanHave_endsTheConversation(Map<String, Node> nodes) {
        answer = new Entries(true, nodes);

        assertThrows(ViewException.class, () -> hold(bytes(out -> question(out, 'a', "/"))));
    }

    /**
     * Whatever comes: it ends, by one of the exceptions that are foreseen or none. Goes on for {@code
     * -Djdist.fuzz.seconds}.
     */
    @Test
    void hold_changedQuestions_endInAForeseenWay() throws Exception {
        byte[] whole = bytes(out -> {
            question(out, 'n', "/a", "b");
            question(out, 'a', "/a/b");
            question(out, 'f', "ab/cd");
            out.writeByte('u');
            out.writeInt(2);
            question(out, 'r', "/a");
            question(out, 'a', "/b");
        });
        Random random = new Random(1);
        int refused = 0;
        long started = System.nanoTime();
        for (int i = 0; i < CHANGES || System.nanoTime() - started < NANOS; i++) {
            byte[] changed = whole.clone();
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            try {
                hold(changed);
            } catch (SandboxException | ViewException e) {
                refused++;
            }
        }

        assertTrue(refused > CHANGES / 4, "refused: " + refused);
    }
}
