package dev.jdist.client.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PragmasTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "#pragma omp parallel for                    | true",
                "  #  pragma   omp simd                      | true",
                "#pragma acc loop                            | true",
                "#pragma message \"hello\"                   | true",
                "#pragma redefine_extname f g                | true",
                "#pragma push_macro(\"A\")                   | true",
                "#pragma pop_macro (\"A\")                   | true",
                "#pragma \\$ omp simd                        | true",
                "#pragma /* of old */ omp simd               | true",
                "#pragma once                                | false",
                "#pragma pack(1)                             | false",
                "#pragma weak f                              | false",
                "#pragma GCC diagnostic push                 | false",
                "#pragma omphalos                            | false",
                "int mypragma omp;                           | false",
                "_Pragma(\"omp simd\")                       | false",
                "int x;                                      | false",
            })
    void source_withSuchAPragma_isFound(String source, boolean expected) {
        byte[] text = ("int a;\n" + source.replace('$', '\n') + "\nint b;\n").getBytes(StandardCharsets.UTF_8);

        assertEquals(expected, Pragmas.anyLeftOut(text));
    }
}
