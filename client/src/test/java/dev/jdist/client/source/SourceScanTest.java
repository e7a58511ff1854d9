package dev.jdist.client.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceScanTest {
    private static SourceScan scan(String text) {
        return SourceScan.of(text.replace("~", "\n").getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "#include <a.h>                    | a.h",
                "#include \"a/b.h\"                | a/b.h",
                "  #  include\t<a.h>               | a.h",
                "#include/* */<a.h>                | a.h",
                "# /* */ include \\~ <a.h>         | a.h",
                "%:include <a.h>                   | a.h",
                "??=include <a.h>                  | a.h",
                "#include_next <a.h>               | a.h",
                "#import \"a.h\"                   | a.h",
                "#embed \"a.bin\" limit(3)         | a.bin",
                "#if __has_include(<a.h>)          | a.h",
                "#if __has_include_next ( \"a.h\") | a.h",
                "#elif X && __has_embed(<a.bin>)   | a.bin",
                "/* c */ #include <a.h>            | a.h",
                "#if 0~#include <a.h>~#endif       | a.h",
                "#include <../x/a.h>               | ../x/a.h",
            })
    void name_inADirective_isFound(String text, String name) {
        assertEquals(Set.of(name), scan(text).names());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "#if __has_include(MACRO)         | true",
                "#if __has_include_next( MACRO )  | true",
                "#define HAS(x) __has_include(x)  | true",
                "#if __has_include(<a.h>)         | false",
                "#if __has_include ( \"a.h\" )  | false",
                "#ifdef __has_include             | false",
                "#include MACRO                   | false",
                "#if __has_embed(<a.bin>) == 2    | true",
                "#ifdef __has_embed               | false",
            })
    void nameThatMacrosPutTogether_whereNothingNeedBeThere_isNoticed(String text, boolean computed) {
        assertEquals(computed, scan(text).computed());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "#embed \"a.bin\"    | true",
                " # embed MACRO        | true",
                "%:embed <a.bin>       | true",
                "#include \"embed.h\" | false",
                "int embed;            | false",
            })
    void directiveThatTakesInBytes_isNoticed(String text, boolean embeds) {
        assertEquals(embeds, scan(text).embeds());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                ".incbin \"a.bin\"              | true",
                "asm(\".incbin \\\"a.bin\\\"\"); | true",
                ".incbin NAME                     | true",
                "/* an .incbinary */              | false",
                ".include \"a.s\"               | true",
                "/* .include, and the like */     | false",
            })
    void fileOfTheAssembler_isNoticed(String text, boolean read) {
        assertEquals(read, scan(text).assemblerInput());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "#include MACRO",
                "#define include <a.h>",
                "#include <a.h",
                "#include \"\"",
                "int include = 3;",
                "#pragma once",
                "__has_include_x",
                "#",
            })
    void text_withoutAName_hasNone(String text) {
        assertEquals(Set.of(), scan(text).names());
    }

    @ParameterizedTest
    @CsvSource({
        "__DATE__, true",
        "x = __TIME__;, true",
        "(__TIMESTAMP__), true",
        "my__TIME__, false",
        "__LINE__, false",
        "__DATE, true",
        "a ## __, false",
    })
    void clock_isNoticed(String text, boolean clock) {
        assertEquals(clock, scan(text).clock());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                ".incbin \"x\"              | true",
                "asm(\".incbin \\\"x\\\"\") | true",
                ".include \"x.inc\"         | true",
                "see the file.include it    | false",
                "a.include(b)               | false",
            })
    void assemblerInput_isNoticed(String text, boolean input) {
        assertEquals(input, scan(text).assemblerInput());
    }

    @ParameterizedTest
    @CsvSource({
        "#pragma once, true",
        "#  pragma  once, true",
        "#import <a.h>, true",
        "#pragma pack, false",
        "once, false",
    })
    void wishToBeReadOnce_isNoticed(String text, boolean once) {
        assertEquals(once, scan(text).once());
    }

    @Test
    void anyBytes_areScanned() {
        Random random = new Random(42);
        String alphabet = "#include <\"a.h\">%:?=_has_DATE()\\\n/*.incbin";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertNotNull(scan(text.toString()));
        }
    }
}
