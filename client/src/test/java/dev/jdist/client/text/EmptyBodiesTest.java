package dev.jdist.client.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmptyBodiesTest {
    private static boolean maybeIn(String body) {
        String text = "# 1 \"a.c\"\nvoid f(int a) {\n" + body.replace('$', '\n') + "\n}\n";
        return EmptyBodies.maybeIn(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "if (a);$a++;",
                "if (a) ;$a++;",
                "if ((a) &&$ (a));$a++;",
                "if constexpr (1);",
                "if (a) a++; else;$a++;",
                "switch (a);",
                "while (a);$  a++;",
                "while (a);${ a++; }",
                "for (;;);$  a++;",
                "for (;;); a++;",
                "for (int b : c);",
                "do { while (a); { } } while (a);",
                "if (({ if (a); a; })) a++;",
                "do a++; while (a); a++;",
            })
    void emptyBody_onTheLineOfItsCondition_isFound(String body) {
        assertEquals(true, maybeIn(body));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "if (a)$;$a++;",
                "if (a) {}$a++;",
                "if (a) f(a);",
                "if (a) a++; else$;",
                "if (a) ; else a++;",
                "while (a);",
                "while (a);$a++;",
                "for (;a;);$a++;",
                "do { a++; } while (0);$  a++;",
                "if (a) do { a++; } while (0); else a++;",
                "f(a); g(a);",
                "char *s = \"if (a);\"; // if (a);",
            })
    void otherText_isNotFound(String body) {
        assertEquals(false, maybeIn(body));
    }
}
