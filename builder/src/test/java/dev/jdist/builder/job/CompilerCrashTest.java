package dev.jdist.builder.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.wire.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A crash is the machine's fault and not the source's; the two must not be mixed up. */
class CompilerCrashTest {
    private static boolean explains(int code, String stderr) {
        return CompilerCrash.explains(new ProcessOutput(code, Bytes.EMPTY, Bytes.utf8(stderr)));
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 134, 137, 139, 255})
    void explains_endBySignal_isACrash(int code) {
        assertEquals(true, explains(code, ""));
    }

    /** gcc's driver ends with 1 or 4 when the compiler proper is killed. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4|gcc: fatal error: Killed signal terminated program cc1",
                "1|g++: fatal error: Killed signal terminated program cc1plus",
                "1|a.c:1:1: internal compiler error: Segmentation fault",
                "1|cc1plus: out of memory allocating 65536 bytes after a total of 1 bytes",
                "1|virtual memory exhausted: Cannot allocate memory",
                "1|/tmp/cc.s: Fatal error: can't write 1 bytes to section .text of a.o: 'No space left on device'",
                "70|PLEASE submit a bug report to https://bugs.llvm.org/"
            })
    void explains_signsInWhatItPrinted_areACrash(int code, String stderr) {
        assertEquals(true, explains(code, stderr));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1|a.c:1:1: error: expected identifier before '}' token",
                "1|''",
                "2|as: can't open a.s for reading: No such file or directory",
                "127|''"
            })
    void explains_faultOfTheSource_isNoCrash(int code, String stderr) {
        assertEquals(false, explains(code, stderr));
    }

    @Test
    void explains_success_isNoCrashWhateverWasPrinted() {
        assertEquals(false, explains(0, "warning: #warning \"internal compiler error\""));
    }

    @Test
    void explains_outputThatIsNoText_isLookedThrough() {
        byte[] bytes = "\u00e9 internal compiler error: x".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

        assertEquals(true, CompilerCrash.explains(new ProcessOutput(1, Bytes.EMPTY, Bytes.copyOf(bytes))));
    }
}
