package dev.jdist.client.launcher;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Frames as the native launcher writes them, see {@code message.h}; without their length. */
public final class LauncherFrames {
    private LauncherFrames() {}

    static final String VIEW = "1:2:3";

    private static final int VERSION = 6;

    static ByteBuf request(
            int flags, int columns, String cwd, String executable, List<byte[]> arguments, List<byte[]> env) {
        ByteBuf frame = Unpooled.buffer();
        frame.writeByte(1).writeInt(VERSION).writeInt(flags).writeInt(columns);
        string(frame, utf8(cwd));
        string(frame, utf8(executable));
        for (List<byte[]> list : List.of(arguments, env)) {
            frame.writeInt(list.size());
            list.forEach(each -> string(frame, each));
        }
        string(frame, utf8(VIEW));
        return frame;
    }

    /** A compiler call in a directory, with nothing special about it. */
    static ByteBuf request(String executable, String... arguments) {
        return request(
                0,
                80,
                "/work",
                executable,
                List.of(arguments).stream().map(LauncherFrames::utf8).toList(),
                List.of(utf8("PATH=/usr/bin"), utf8("EMPTY="), utf8("A=b=c")));
    }

    static ByteBuf done(int code) {
        return done(code, false);
    }

    static ByteBuf done(int code, boolean sawMounts) {
        return Unpooled.buffer().writeByte(5).writeInt(code).writeInt(sawMounts ? 1 : 0);
    }

    /** With the numbers of files that have changed. */
    static ByteBuf checked(int... numbers) {
        ByteBuf frame = Unpooled.buffer().writeByte(8);
        for (int number : numbers) {
            frame.writeInt(number);
        }
        return frame;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void string(ByteBuf frame, byte[] bytes) {
        frame.writeInt(bytes.length).writeBytes(bytes);
    }
}
