package dev.jdist.client.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndentationTest {
    private static boolean mayMislead(String body) {
        return Indentation.mayMislead(
                ("int f(int a, int b) {\n" + body + "\n    return a;\n}\n").getBytes(StandardCharsets.UTF_8));
    }

    // gcc 12 or clang 14 to 19 warns of each of them, in a function.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "    if (a)\n        a++;\n        a--;",
                "    if (a)\n\ta++;\n        a--;",
                "    if (a)\n\ta++;\n\ta--;",
                "    if (a) a++; a--;",
                "    if (a)\n        a++; a--;",
                "    if (a)\n        a++;\n    else\n        a--;\n        b--;",
                "    if (a)\n        a++;\n    else if (b)\n        a--;\n        b--;",
                "    for (;;)\n        a++;\n        b++;",
                "    while (a)\n        a--;\n        b--;",
                "    while (a);\n        a--;",
                "    for (;;) if (a)\n        a++;\n        b++;",
                "    if (a)\n        while (b)\n            b--;\n        a--;",
                "    if (a) // } a comment\n        a++;\n        a--;",
                "    if (\")\"[a])\n        a++;\n        a--;",
                "    if (a)\n        b = (int[]){1}[0];\n        a--;",
                "    if (a)\n#pragma pack()\n        a++;\n        a--;",
                "    foreach (a)\n        a++;\n        a--;",
                "    if (a)\n ; b++;",
                "    if constexpr (true)\n        a++;\n        a--;",
            })
    void statementThatLooksGuarded_mayMislead(String body) {
        assertTrue(mayMislead(body));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "    if (a)\n        a++;\n    a--;",
                "    if (a) {\n        a++;\n        a--;\n    }",
                "    if (a)\n        a++;\n    else\n        a--;",
                "    if (a) a++;",
                "    if (a)\n        a++;\n    else if (b)\n        b++;\n    else\n        a--;\n    b--;",
                "    if (a)\n    a++;\n    a--;",
                "    for (int i = 0; i < 3; i++)\n        if (i)\n            a++;\n        else\n            b++;\n    a--;",
                "    while (a)\n        ;\n    a--;",
                "    do\n        a++;\n    while (a < 3);\n    b--;",
                "    if (a)\n        switch (b) {\n            case 1: a++;\n            default: a--;\n        }\n    b--;",
                "    if (a)\n        foreach (b) {\n            a++;\n        }\n    b--;",
                "    call(a);\n    call(b);",
                "    call(a)->next(b);\n    call(b);",
                "    int c = call(a) + b;\n    int d = 0;",
                "#define MACRO(x) if (x) a++; a--\n    a++;",
                "    // if (a) a++; a--;\n    a++;",
                "    /* if (a)\n       a++;\n       a--; */\n    a++;",
                "    const char *s = \"if (a) a++; a--;\";\n    a++;",
            })
    void orderlyCode_doesNot(String body) {
        assertFalse(mayMislead(body));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "if", "if (", "else", "if (a", "f(", "{{{{", "}}}}", "if (a) if (b) if", "do", "(((]]]"})
    void brokenText_isWalkedThrough(String text) {
        assertFalse(Indentation.mayMislead(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void deepNesting_mayMislead() {
        assertTrue(mayMislead("if (a)\n".repeat(10_000) + "    a++;"));
    }

    @Test
    void longChain_isWalkedThroughInTime() {
        assertEquals(false, mayMislead("    if (a)\n        a++;\n" + "    else if (b)\n        b++;\n".repeat(300)));
    }
}
