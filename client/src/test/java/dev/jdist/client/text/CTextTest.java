package dev.jdist.client.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The character {@code ~} stands for the end of a line here. */
class CTextTest {
    private static byte[] bytes(String text) {
        return text.replace('~', '\n').getBytes(StandardCharsets.UTF_8);
    }

    private static CText source(String text) {
        return CText.ofSource(bytes(text));
    }

    /** What the compiler makes of it is a directive that reads a file. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "asm(\".incbin \\\"blob\\\"\");",
                "asm(\".inc\" \"bin \\\"blob\\\"\");",
                "asm(\".\" /* c */ \"inc\"~ // c~ \"bin \\\"blob\\\"\");",
                "asm(\".inc\\~bin \\\"blob\\\"\");",
                "asm(\"\\056incbin \\\"blob\\\"\");",
                "asm(\"\\x2e\" \"incbin \\\"blob\\\"\");",
                "asm(\".\\151ncbin \\\"blob\\\"\");",
                "asm(\"\\u002eincbin \\\"blob\\\"\");",
                "asm(\"nop\\n.INCbin 'blob'\");",
                "asm(\"nop; .include \\\"more.s\\\"\");",
                "asm(\".inc\" \"lude \\\"more.s\\\"\");",
                "__asm__ __volatile__ (\".incbin \\\"x\\\"\" : : \"i\" (0));",
                "asm volatile goto (\".inc\" \"bin \\\"x\\\"\" : : : : out);",
                "__asm(R\"(.incbin \"blob\")\");",
                "asm(R\"x(.inc)x\" \"bin 1\");",
                "int x asm(\"x\\n.incbin 'blob'\");",
                "int x __attribute__((section(\".data\\n.inc\" \"bin \\\"blob\\\"\\n#\")));",
                "asm(\".macro embed what\\n.\\\\what \\\"blob\\\"\\n.endm\\nembed incbin\");",
                "asm(\".macro embed what\\n.inc\\\\what \\\"blob\\\"\\n.endm\"); asm(\"embed bin\");",
                "asm(\".macro embed a b\\n\\\\a\\\\b \\\"blob\\\"\\n.endm\"); asm(\"embed .inc, bin\");",
                "asm(\".macro embed a b\\n\\\\a\\\\()\\\\b \\\"blob\\\"\\n.endm\\nembed .,incbin\");",
                "asm(\".macro embed a b\\n.\\\\()inc\\\\b \\\"blob\\\"\\n.endm\\nembed .,bin\");",
                "asm(\".irp what,inc,bin\\n.\\\\what \\\"blob\\\"\\n.endr\");",
                "asm(\".irpc what,n\\n.incbi\\\\what \\\"blob\\\"\\n.endr\");",
                "asm(\".altmacro\\n.macro e w\\n.inc&w&bin\\n.endm\");",
                "asm(\".inc%c0 \\\"blob\\\"\" :: \"i\" (&bin));",
                "asm(\".%c[what] \\\"blob\\\"\" :: [what] \"i\" (&incbin));",
                "asm(\".inc{bin|x} \\\"blob\\\"\" ::);",
                "asm(\"{.inc|x}bin \\\"blob\\\"\" ::);",
            })
    void stringLiteralsThatReadAFile_areNoticed(String text) {
        CText source = source(text);
        assertTrue(source.assemblerInput() || source.hiddenAssembler(), "as it was written");
        assertTrue(CText.mayReadFile(bytes(text)), "preprocessed");
    }

    /** What the compiler makes of it, only the preprocessor knows; and of preprocessed source, nobody. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "asm(\".\" X(J(inc,bin)) \" \\\"blob\\\"\");",
                "asm(EMBED);",
                "J(as,m)(\".\" REST \" \\\"blob\\\"\");",
                "J(as,m)(\".inc\" REST \" \\\"blob\\\"\");",
                "J(as,m)(\"nop; .\" X(J(inc,bin)) \" \\\"blob\\\"\");",
                "#define EMBED(x) asm(#x)",
                "#define A asm~A(\".inc\");",
                "asm TEXT;",
                "asm QUALIFIER (\"nop\");",
                "asm((view(\"nop\")));",
                "asm { nop }",
                "asm(\"\\N{FULL STOP}incbin\");",
                "asm(\"\\x{2e}incbin\");",
                "asm(\"a\"~#if X~\"b\"~#endif~);",
                "asm(u8\"nop\");",
                "/* \" */ asm(X); /* \" */",
                "char c = '\"'; asm(X);",
                "char *u = \"http://x\"; asm(X);",
                "#error don't~asm(X);",
                "const char *r = R\"(/*)\"; asm(X); /* */",
            })
    void textThatMacrosPutTogether_isHidden(String text) {
        assertTrue(source(text).hiddenAssembler());
    }

    /** Ordinary code, for which no preprocessor should have to run. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "asm(\"nop\");",
                "asm volatile (\"\" ::: \"memory\");",
                "__asm__ __volatile__ (\"mov %1, %0\\n\\t\"~ \"add $1, %0\" : \"=r\" (x) : \"r\" (y));",
                "#define barrier() asm volatile (\"\" ::: \"memory\")",
                "# define __REDIRECT(name, proto, alias) name proto __asm__ (__ASMNAME (#alias))",
                "# define __LDBL(name) extern __typeof (name) name __asm (__ASMNAME (\"__\" #name \"ieee128\"));",
                "extern int f (int) __asm__ (\"\" \"__isoc99_f\");",
                "#include <asm/ioctls.h>~#include \"asm.h\"",
                "/* The asm directive. */ int x; // asm, too",
                "int asmx; char *s = \"asm(X)\";",
                "asm(\".section .rodata\\n.globl x\\nx: .asciz \\\"incbin\\\"\\n.size x, . - x\\n.previous\");",
                "asm(\".L%=: jmp .L%=\" ::);",
                "asm(\".pushsection __ex_table,\\\"a\\\"\\n.long 1b - .\\n.popsection\" : \"+r\" (s.in) : \"i\" (i));",
                "s.in = s.inc + p->include; include(\".inc\"); x = {.include = 1};",
                "printf(\"%d.\" PRIu64 \"...\" NAME \"a.in\" X);",
                "const char *version = \"v\" STRING(MAJOR) \".\" STRING(MINOR);",
                "printf(\"see my.include \\\\ or .included\");",
            })
    void ordinaryText_isNeitherHiddenNorInput(String text) {
        CText source = source(text);
        assertFalse(source.assemblerInput());
        assertFalse(source.hiddenAssembler());
        assertFalse(source.mayMentionClock());
    }

    @Test
    void markersBetweenTheStringsOfPreprocessedSource_areNoPartOfThem() {
        assertFalse(CText.mayReadFile(bytes("asm(\"nop\"~# 3 \"a.h\" 3 4~\"nop\" : : \"r\" (1));")));
        assertTrue(CText.mayReadFile(bytes("asm(\".inc\"~# 3 \"a.h\" 3 4~\"bin 1\" : : \"r\" (1));")));
        assertFalse(CText.mayReadFile(bytes("# 3 \"dir/.include \\\"x\\\"\" 3 4~int x;")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".incbin \"blob\"",
                "label: .INCBIN \"blob\"",
                ".include \"more.s\"",
                ".macro embed what~.inc\\what \"blob\"~.endm~embed bin",
                ".macro embed what~.\\what \"blob\"~.endm~embed incbin",
                ".macro embed a, b~\\a\\b \"blob\"~.endm~embed .inc, bin",
                ".macro embed a, b~.i\\a\\()\\b \"blob\"~.endm~embed nc, bin",
                ".irp what, bin~.inc\\what \"blob\"~.endr",
                ".irpc c, n~.incbi\\c \"blob\"~.endr",
                ".altmacro~.macro e w~w&bin 'x'~.endm~e .inc",
                ".mri 1",
            })
    void assembler_thatMayReadAFile_isNoticed(String text) {
        assertTrue(CText.mayAssemblerReadFile(bytes(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nop~.section .rodata~.size f, . - f~.org . + 4",
                ".macro push reg~pushq %\\reg~.cfi_adjust_cfa_offset 8~.endm~push rbx",
                ".macro mem op, size, a, b~\\op\\size \\a, \\b~.endm~mem vld1, .8, d0, d1",
                ".macro function name~.globl \\name~.type \\name, %function~\\name\\()_end: .long 1f - .~.endm",
                ".irp r,0,1,2~.equ .L__gpr_num_x\\r, \\r~.endr",
                ".macro v suffix~vadd.\\suffix q0, q0, q1~.endm~v i32",
                "# see the file.include and so on, or .include without a name",
            })
    void ordinaryAssembler_isNot(String text) {
        assertFalse(CText.mayAssemblerReadFile(bytes(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#define J(a,b) a##b~#define K(a,b) J(a,b)~const char *t = K(__TI,ME__);",
                "J(__TIMESTA, MP__)",
                "J(__D, ATE__)",
                "P(__, TIME, __)",
                "#define U(x) __##x##__~U(DATE)",
                "P(_,_,T,I,M,E,_,_)",
                "J(_, _TIME__)",
                "__TI\\~ME__",
                "__TI\\ ~ME__",
            })
    void clock_putTogetherOfPieces_isNoticed(String text) {
        assertTrue(source(new String(CText.joinLines(bytes(text)), StandardCharsets.UTF_8))
                .mayMentionClock());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "__CONCAT(__, function)", "template <typename T, class E> T f(E);", "EXPECT_CALL(f(_, _));",
                        "_(\"TIME\")",
                "enum { DATE, TIME };", "/* __TI and ME__ */", "char *s = \"__TI\" \"ME__\";", "__D __T D A P",
            })
    void wordsThatMakeNoClock_areNone(String text) {
        assertFalse(source(text).mayMentionClock());
    }

    @Test
    void clock_putTogetherOfPiecesOfSeveralFiles_isNoticed() {
        assertTrue(ClockMacros.canBeMadeTogether(List.of(
                source("#define U(x) __##x##__").clockPieces(),
                source("U(TIME)").clockPieces())));
        assertTrue(ClockMacros.canBeMadeTogether(List.of(Set.of("ME__"), Set.of("__TI"))));
        assertFalse(ClockMacros.canBeMadeTogether(List.of(Set.of("__"), Set.of("T", "I", "M", "E"))));
        assertFalse(ClockMacros.canBeMadeTogether(List.of()));
    }

    @Test
    void clock_inAMacroOfTheCommandLine_isNoticed() {
        assertTrue(ClockMacros.mayBeIn("__TI"));
        assertTrue(ClockMacros.mayBeIn("(ME__)"));
        assertTrue(ClockMacros.mayBeIn("TIME"));
        assertFalse(ClockMacros.mayBeIn("T"));
        assertFalse(ClockMacros.mayBeIn("\"1.2\""));
        assertFalse(ClockMacros.mayBeIn("TIMER"));
    }

    @Test
    void continuedLines_areJoined() {
        assertArrayEquals(bytes("ab c?x\\d"), CText.joinLines(bytes("a\\~b\\ \t~ ??/~c?x\\d")));
        byte[] plain = bytes("a~b");
        assertEquals(plain, CText.joinLines(plain));
    }

    @Test
    void anyText_isWalkedThrough() {
        Random random = new Random(7);
        String[] parts = {
            "asm",
            "(",
            ")",
            "\"",
            "\\",
            "~",
            "R\"x(",
            ")x\"",
            "'",
            "#",
            "/*",
            "*/",
            "//",
            ":",
            ".inc",
            "%c0",
            "{",
            "_",
            "u8",
            "\\x",
            "\\u",
            "\\0",
            "??/",
            "__ASMNAME",
            "\\N"
        };
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i > 0; i--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            byte[] bytes = bytes(text.toString());
            assertNotNull(CText.ofSource(bytes));
            CText.mayReadFile(bytes);
            CText.mayAssemblerReadFile(bytes);
        }
    }
}
