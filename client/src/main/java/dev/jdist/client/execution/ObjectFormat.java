package dev.jdist.client.execution;

import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.IOException;
import java.io.InputStream;
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
    static String beginning(PrimitiveBytes content) throws IOException {
        try (InputStream in = content.toInputStream()) {
            return HexFormat.of().formatHex(in.readNBytes(HEAD));
        }
    }

    /** Whether a file that begins so may be an object. */
    static boolean isObject(String beginning) {
        return BEGINNINGS.stream().anyMatch(beginning::startsWith);
    }
}
