package dev.jdist.client.cache.direct;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.direct.DependencyTarget.Layout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DependencyTargetTest {
    private static final String NAME = "include/name-with-30-octets.h";
    private static final int LONGEST = 90;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Optional<String> in(Layout layout, String target, String rule) {
        return new DependencyTarget(target, layout)
                .in(bytes(rule))
                .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1));
    }

    /** As gcc 12 and clang 14 write them. */
    @Test
    void otherTarget_movesTheBreaks() {
        String gcc = "a.o: a.c " + NAME + " " + NAME + " \\\n " + NAME + "\n";
        String clang = "a.o: a.c " + NAME + " " + NAME + " \\\n  " + NAME + "\n";
        String longer = "directory/a.o";

        String moved = longer + ": a.c " + NAME + " \\\n " + NAME + " " + NAME + "\n";
        assertEquals(Optional.of(moved), in(Layout.GCC, longer, gcc));
        assertEquals(Optional.of(moved.replace("\n ", "\n  ")), in(Layout.CLANG, longer, clang));
        assertEquals(Optional.of(gcc), in(Layout.GCC, "a.o", moved));
    }

    @Test
    void sameTarget_isNotWrittenAnew() {
        byte[] rule = bytes("a.o: two\\ words.c\n");

        assertSame(rule, new DependencyTarget("a.o", Layout.GCC).in(rule).orElseThrow());
    }

    @Test
    void rulesBehindTheFirst_stay() {
        assertEquals(Optional.of("b.o: a.c a.h\na.h:\n"), in(Layout.GCC, "b.o", "a.o: a.c a.h\na.h:\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a.o",
                "a.o:",
                "a.o: \n",
                "a.o: a.c",
                "a.o:a.c\n",
                "a.o b.o: a.c\n",
                "a.o: a.c  a.h\n",
                "a.o: a.c \\\n a.h\n",
                "a.o: two\\ words.c\n",
                "a.o: $$.c\n",
                "\\#.o: a.c\n",
                "a.o: a.c\\\n",
                "\n: a.c\n",
                "a.o\n: a.c\n"
            })
    void ruleThatIsNotOfThisForm_isLeftAlone(String rule) {
        for (Layout layout : Layout.values()) {
            assertEquals(Optional.empty(), in(layout, "c.o", rule));
        }
    }

    @Test
    void targets_areTold() {
        assertEquals("a.o b.o", DependencyTarget.of(bytes("a.o b.o: c.c\n")));
        assertEquals("", DependencyTarget.of(bytes("a.o\n")));
        assertTrue(new DependencyTarget("a.o", Layout.GCC).isOf(bytes("a.o: a.c\n")));
        assertFalse(new DependencyTarget("a.o", Layout.GCC).isOf(bytes("a.o b.o: a.c\n")));
        assertTrue(DependencyTarget.isPlain("CMakeFiles/a+b.dir/~_-1,2=3@4.c.o"));
        assertTrue(DependencyTarget.isPlain("../a.o"));
        for (String name : new String[] {"", "a b", "a:", "$a", "a#", "a\\b", "ä", "a%", "a\n", "./a"}) {
            assertFalse(DependencyTarget.isPlain(name), name);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyTarget_inTheRuleOfAnyOther_isAsIfItHadBeenThere(Layout layout) {
        Random random = new Random(11);
        for (int round = 0; round < 5_000; round++) {
            StringBuilder names = new StringBuilder("m.c");
            for (int i = random.nextInt(12); i > 0; i--) {
                names.append(' ').append("n".repeat(1 + random.nextInt(LONGEST)));
            }
            String start = "s".repeat(1 + random.nextInt(LONGEST));
            String target = "t".repeat(1 + random.nextInt(LONGEST));
            Optional<String> there = in(layout, target, broken(layout, start, names.toString()));
            assertEquals(Optional.of(broken(layout, target, names.toString())), there);
        }
    }

    /** The rule as compilers are said to break it: before a name that would end past the 72nd byte. */
    private static String broken(Layout layout, String target, String names) {
        StringBuilder rule = new StringBuilder(target + ":");
        int onLine = rule.length();
        for (String name : names.split(" ")) {
            if (onLine + name.length() > 72) {
                rule.append(" \\\n");
                onLine = 0;
                if (layout == Layout.CLANG) {
                    rule.append(' ');
                    onLine = 2; // clang counts one more than it writes
                }
            }
            rule.append(' ').append(name);
            onLine += 1 + name.length();
        }
        return rule.append('\n').toString();
    }

    @Test
    void anyBytes_areRefusedOrWrittenAnew() {
        Random random = new Random(5);
        byte[] rule = bytes("a.o: a.c " + NAME + " " + NAME + " \\\n " + NAME + "\n" + NAME + ":\n");
        DependencyTarget target = new DependencyTarget("bb.o", Layout.GCC);
        DependencyTarget back = new DependencyTarget("a.o", Layout.GCC);
        for (int round = 0; round < 50_000; round++) {
            byte[] changed = rule.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            Optional<byte[]> other = target.in(changed);
            if (other.isPresent() && DependencyTarget.of(changed).equals("a.o")) {
                assertArrayEquals(changed, back.in(other.get()).orElseThrow());
            }
        }
    }
}
