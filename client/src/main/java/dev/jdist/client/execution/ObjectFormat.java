package dev.jdist.client.execution;

import dev.jdist.client.caller.OutputFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HexFormat;
import java.util.List;

/**
 * How the files begin that compilers make of a unit. A builder may be broken, or not be what it says that it is: what has no such
 * beginning is no object, whatever it is.
 */
final class ObjectFormat {
    /** In hexadecimal. */
    private static final List<String> BEGINNINGS = List.of(
            "7f454c46", // ELF
            "feedface", // Mach-O, of either size and byte order, and of several architectures
            "feedfacf",
            "cefaedfe",
            "cffaedfe",
            "cafebabe",
            "cafebabf",
            "4c01", // COFF: x86, x86-64, ARM, ARM64, and objects with many sections
            "6486",
            "c401",
            "64aa",
            "0000ffff",
            "01df", // XCOFF
            "01f7",
            "4243c0de", // LLVM's bitcode, bare and wrapped
            "dec0170b",
            "0061736d", // WebAssembly
            "03022307", // SPIR-V
            "44584243"); // DirectX

    private static final int HEAD = 4;

    private ObjectFormat() {}

    /** How a file begins: {@code 7f454c46}; shorter if it is. */
    static String beginning(OutputFile.Content content) throws IOException {
        Head head = new Head();
        try {
            content.writeTo(head);
        } catch (IOException e) {
            if (!head.isFull()) {
                throw e;
            }
        }
        return HexFormat.of().formatHex(head.bytes.toByteArray());
    }

    /** Whether a file that begins so may be an object. */
    static boolean isObject(String beginning) {
        return BEGINNINGS.stream().anyMatch(beginning::startsWith);
    }

    /** Takes a few bytes, and refuses the next. */
    private static final class Head extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(HEAD);

        boolean isFull() {
            return bytes.size() == HEAD;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            int taken = Math.min(length, HEAD - bytes.size());
            bytes.write(from, offset, taken);
            if (isFull()) {
                throw new IOException("that is enough");
            }
        }
    }
}
