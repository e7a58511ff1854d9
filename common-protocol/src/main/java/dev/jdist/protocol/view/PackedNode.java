package dev.jdist.protocol.view;

import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import java.util.concurrent.TimeUnit;

/**
 * How a node is packed: a byte that says what it is, and what belongs to that. Most files have one of two permissions, one
 * name, and, if a package brought them, a time in whole seconds: such take a byte for all three.
 */
final class PackedNode {
    /** The least bytes that one takes. */
    static final int LEAST_BYTES = 1;

    private static final int ABSENT = 0;
    private static final int DIRECTORY = 1;
    private static final int LISTED_DIRECTORY = 2;
    private static final int SYMBOLIC_LINK = 3;
    private static final int TOOLCHAIN = 4;
    private static final int PRESENT = 5;

    /** A regular file; more is in the bits below. */
    private static final int FILE = 1 << 3;

    /** The mode is {@link #EXECUTABLE}; without this and the next {@link #PLAIN}. */
    private static final int IS_EXECUTABLE = 1;
    /** The mode follows. */
    private static final int OTHER_MODE = 1 << 1;
    /** The number of the file follows, as it has several names. */
    private static final int SAME_FILE = 1 << 2;
    /** The time is in seconds. */
    private static final int SECONDS = 1 << 4;

    private static final int PLAIN = 0644;
    private static final int EXECUTABLE = 0755;

    private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

    private PackedNode() {}

    static void write(ViewNode node, PackedWriter out) {
        if (node instanceof ViewNode.RegularFile file) {
            writeFile(file, out);
        } else if (node instanceof ViewNode.Directory directory) {
            out.octet(directory.listing().isPresent() ? LISTED_DIRECTORY : DIRECTORY);
            directory.listing().ifPresent(out::digest);
        } else if (node instanceof ViewNode.SymbolicLink link) {
            out.octet(SYMBOLIC_LINK);
            out.text(link.target());
        } else if (node instanceof ViewNode.Absent) {
            out.octet(ABSENT);
        } else if (node instanceof ViewNode.Toolchain) {
            out.octet(TOOLCHAIN);
        } else {
            out.octet(PRESENT);
        }
    }

    private static void writeFile(ViewNode.RegularFile file, PackedWriter out) {
        boolean hasMode = file.mode() != PLAIN && file.mode() != EXECUTABLE;
        boolean isWhole = file.mtimeNanos() % NANOS == 0;
        int tag = FILE
                | (file.mode() == EXECUTABLE ? IS_EXECUTABLE : 0)
                | (hasMode ? OTHER_MODE : 0)
                | (file.sameFile() != 0 ? SAME_FILE : 0)
                | (isWhole ? SECONDS : 0);
        out.octet(tag);
        out.digest(file.content());
        out.number(file.size());
        if (isWhole) {
            out.signed(file.mtimeNanos() / NANOS);
        } else {
            out.fixed64(file.mtimeNanos());
        }
        if (hasMode) {
            out.number(file.mode());
        }
        if (file.sameFile() != 0) {
            out.number(file.sameFile());
        }
    }

    static ViewNode read(PackedReader in) {
        int tag = in.octet();
        return switch (tag) {
            case ABSENT -> new ViewNode.Absent();
            case DIRECTORY -> new ViewNode.Directory();
            case LISTED_DIRECTORY -> new ViewNode.Directory(in.digest());
            case SYMBOLIC_LINK -> link(in.text("target of a link", WireLimits.PATH));
            case TOOLCHAIN -> new ViewNode.Toolchain();
            case PRESENT -> new ViewNode.Present();
            default -> {
                int bits = tag & ~FILE;
                if (bits == tag || (bits & ~(IS_EXECUTABLE | OTHER_MODE | SAME_FILE | SECONDS)) != 0) {
                    throw new WireFormatException("a node of an unknown kind, " + tag);
                }
                yield file(bits, in);
            }
        };
    }

    private static ViewNode file(int bits, PackedReader in) {
        Sha256 content = in.digest();
        long size = in.number();
        long mtimeNanos = (bits & SECONDS) != 0 ? seconds(in.signed()) : nanos(in.fixed64());
        int mode = mode(bits, in);
        long sameFile = 0;
        if ((bits & SAME_FILE) != 0) {
            sameFile = in.number();
            if (sameFile == 0) {
                throw new WireFormatException("a file with several names has the number 0");
            }
        }
        try {
            return new ViewNode.RegularFile(content, size, mtimeNanos, mode, sameFile);
        } catch (IllegalArgumentException e) {
            throw new WireFormatException(Reason.of(e), e);
        }
    }

    private static int mode(int bits, PackedReader in) {
        boolean isExecutable = (bits & IS_EXECUTABLE) != 0;
        if ((bits & OTHER_MODE) == 0) {
            return isExecutable ? EXECUTABLE : PLAIN;
        }
        long mode = in.number();
        if (isExecutable || mode == PLAIN || mode == EXECUTABLE) {
            throw new WireFormatException("permissions stand where there is a bit for them");
        } else if (mode < 0 || mode > ViewNode.RegularFile.MOST_MODE) {
            throw new WireFormatException("permissions 0" + Long.toOctalString(mode) + " are above 0"
                    + Integer.toOctalString(ViewNode.RegularFile.MOST_MODE));
        }
        return (int) mode;
    }

    private static long seconds(long seconds) {
        try {
            return Math.multiplyExact(seconds, NANOS);
        } catch (ArithmeticException e) {
            throw new WireFormatException("a time of " + seconds + " s is too far away", e);
        }
    }

    private static long nanos(long nanos) {
        if (nanos % NANOS == 0) {
            throw new WireFormatException("a time in whole seconds is written in nanoseconds");
        }
        return nanos;
    }

    private static ViewNode link(String target) {
        try {
            return new ViewNode.SymbolicLink(target);
        } catch (IllegalArgumentException e) {
            throw new WireFormatException(Reason.of(e), e);
        }
    }
}
