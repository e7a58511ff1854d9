package dev.jdist.client.launcher;

import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.OutputFile;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.protocol.wire.Bytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The daemon's side of the conversation with a launcher, whose shape {@code message.h} describes. Frames come and go
 * without their length, which the pipeline takes off and puts on.
 */
public final class LauncherMessages {
    private static final int VERSION = 6;
    private static final int REQUEST = 1;
    private static final int EXIT = 2;
    private static final int RUN = 3;
    private static final int BECOME = 4;
    private static final int DONE = 5;
    private static final int COMPARE = 6;
    private static final int OFFER = 7;
    private static final int CHECKED = 8;
    private static final int WRITE = 9;
    private static final int PIECE = 10;

    private static final int STDOUT_IS_TERMINAL = 1;
    private static final int STDERR_IS_TERMINAL = 2;
    private static final int HAS_OWN_LIMITS = 4;
    private static final int HAS_SMALL_FILES = 8;
    private static final int RUN_IS_FINAL = 1;
    private static final int RUN_IS_QUESTION = 2;

    /** What comes behind a piece of an output. */
    enum PieceState {
        LAST,
        MORE,
        DAMAGED
    }

    /** Bytes of a PIECE in front of those of its output. */
    static final int PIECE_HEAD = 1 + Integer.BYTES;

    /** What Java makes of bytes that are not UTF-8. */
    private static final char REPLACEMENT = '\uFFFD';

    private LauncherMessages() {}

    /** A frame that is not what it should be. */
    public static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    /**
     * Reads a REQUEST.
     *
     * @param id of the whole request
     * @return nothing if directory, program or an argument are not UTF-8, which Java has no paths for
     */
    static Optional<CallerRequest> readRequest(byte[] bytes, Digest id) throws MalformedException {
        ByteBuf frame = Unpooled.wrappedBuffer(bytes);
        expect(frame, REQUEST);
        int version = number(frame);
        int flags = number(frame);
        int columns = number(frame);
        Optional<String> cwd = string(frame);
        Optional<String> executable = string(frame);
        boolean isQuestion = executable.filter(String::isEmpty).isPresent();
        if (version != VERSION && !isQuestion) {
            throw new MalformedException("it is of another version (" + version + ") than this daemon (" + VERSION
                    + "), which jdist --stop-server ends");
        }
        List<Optional<String>> arguments = list(frame);
        Map<String, String> environment = new HashMap<>();
        for (Optional<String> variable : list(frame)) {
            variable.ifPresent(text -> {
                int equals = text.indexOf('=');
                if (equals > 0) {
                    environment.put(text.substring(0, equals), text.substring(equals + 1));
                }
            });
        }
        String view = version == VERSION ? string(frame).orElse("") : "";
        if (arguments.isEmpty() || cwd.filter(path -> !path.startsWith("/")).isPresent()) {
            throw new MalformedException("a request without arguments or with a relative directory");
        }
        if (cwd.isEmpty() || executable.isEmpty() || arguments.stream().anyMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        return Optional.of(new CallerRequest(
                (flags & STDOUT_IS_TERMINAL) != 0,
                (flags & STDERR_IS_TERMINAL) != 0,
                (flags & HAS_SMALL_FILES) != 0
                        ? CallerRequest.Limits.SMALL_FILES
                        : (flags & HAS_OWN_LIMITS) != 0 ? CallerRequest.Limits.OWN : CallerRequest.Limits.USUAL,
                columns,
                Path.of(cwd.get()),
                executable.get(),
                arguments.stream().map(Optional::orElseThrow).toList(),
                Map.copyOf(environment),
                view,
                Optional.of(id)));
    }

    /**
     * How a command ended.
     *
     * @param code exit code, or 256 plus the number of the signal that ended it, or {@link RunCommand#TOO_LONG}
     * @param sawMounts whether something was mounted or unmounted meanwhile, or may have been
     */
    record Done(int code, boolean sawMounts) {}

    /** Reads a DONE. */
    static Done readDone(ByteBuf frame) throws MalformedException {
        expect(frame, DONE);
        return new Done(number(frame), number(frame) != 0);
    }

    /**
     * Reads a CHECKED: which files have changed.
     *
     * @param count of the files that it compared
     */
    static BitSet readChecked(ByteBuf frame, int count) throws MalformedException {
        expect(frame, CHECKED);
        BitSet changed = new BitSet(count);
        while (frame.isReadable()) {
            int number = number(frame);
            if (number < 0 || number >= count) {
                throw new MalformedException("a file that was not asked about");
            }
            changed.set(number);
        }
        return changed;
    }

    static ByteBuf compare(FileFingerprints files) {
        return Unpooled.wrappedBuffer(
                Unpooled.buffer(1 + Integer.BYTES).writeByte(COMPARE).writeInt(files.count()),
                Unpooled.wrappedBuffer(files.bytes().toArray(new byte[0][])));
    }

    static ByteBuf offer(LauncherOffer offer) {
        ByteBuf frame = Unpooled.buffer().writeByte(OFFER);
        write(frame, offer.outputs());
        return writeExit(frame, 0, offer.stdout(), offer.stderr());
    }

    static ByteBuf write(List<OutputFile> outputs) {
        ByteBuf frame = Unpooled.buffer().writeByte(WRITE);
        write(frame, outputs);
        return frame;
    }

    private static void write(ByteBuf frame, List<OutputFile> outputs) {
        frame.writeInt(outputs.size());
        for (OutputFile output : outputs) {
            frame.writeInt(
                    switch (output.manner()) {
                        case REPLACED -> 0;
                        case REPLACED_UNLESS_EMPTY -> 1;
                        case WRITTEN_OVER -> 2;
                    });
            write(frame, output.place() + "\0");
        }
    }

    /** Begins a PIECE, which {@link #endPiece} ends. */
    static ByteBuf beginPiece(ByteBuf frame) {
        return frame.writeByte(PIECE).writeInt(0);
    }

    static ByteBuf endPiece(ByteBuf frame, PieceState state) {
        return frame.setInt(
                1,
                switch (state) {
                    case LAST -> 0;
                    case MORE -> 1;
                    case DAMAGED -> 2;
                });
    }

    static ByteBuf exit(int code, Bytes stdout, Bytes stderr) {
        return writeExit(Unpooled.buffer(16 + stdout.size() + stderr.size()).writeByte(EXIT), code, stdout, stderr);
    }

    private static ByteBuf writeExit(ByteBuf frame, int code, Bytes stdout, Bytes stderr) {
        frame.writeInt(code);
        frame.writeInt(stdout.size()).writeBytes(stdout.toByteArray());
        return frame.writeInt(stderr.size()).writeBytes(stderr.toByteArray());
    }

    static ByteBuf run(RunCommand order) {
        ByteBuf frame = Unpooled.buffer().writeByte(RUN);
        frame.writeInt(
                switch (order.kind()) {
                    case STEP -> 0;
                    case LAST_STEP -> RUN_IS_FINAL;
                    case QUESTION -> RUN_IS_QUESTION;
                });
        write(frame, order.stdout().map(Path::toString).orElse(""));
        write(frame, order.stderr().map(Path::toString).orElse(""));
        write(frame, order.executable());
        frame.writeInt(order.arguments().size());
        order.arguments().forEach(argument -> write(frame, argument));
        return frame;
    }

    static ByteBuf become() {
        return Unpooled.buffer(1).writeByte(BECOME);
    }

    private static void write(ByteBuf frame, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        frame.writeInt(bytes.length).writeBytes(bytes);
    }

    private static void expect(ByteBuf frame, int type) throws MalformedException {
        if (frame.readableBytes() < 1 || frame.readByte() != type) {
            throw new MalformedException("a frame of another type than " + type);
        }
    }

    private static int number(ByteBuf frame) throws MalformedException {
        if (frame.readableBytes() < Integer.BYTES) {
            throw new MalformedException("a frame that ends early");
        }
        return frame.readInt();
    }

    private static Optional<String> string(ByteBuf frame) throws MalformedException {
        int length = number(frame);
        if (length < 0 || length > frame.readableBytes()) {
            throw new MalformedException("a string that is longer than its frame");
        }
        byte[] bytes = new byte[length];
        frame.readBytes(bytes);
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.indexOf('\0') >= 0) {
            throw new MalformedException("a string with a NUL in it, which no argument and no path can have");
        }
        boolean perhapsReplaced = text.indexOf(REPLACEMENT) >= 0;
        return Optional.of(text)
                .filter(read -> !perhapsReplaced || Arrays.equals(read.getBytes(StandardCharsets.UTF_8), bytes));
    }

    private static List<Optional<String>> list(ByteBuf frame) throws MalformedException {
        int count = number(frame);
        if (count < 0 || count > frame.readableBytes() / Integer.BYTES) {
            throw new MalformedException("a list that is longer than its frame");
        }
        List<Optional<String>> strings = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            strings.add(string(frame));
        }
        return strings;
    }
}
