package dev.jdist.protocol.wire;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Feeds a decoder with damaged samples and plain noise for {@code -Djdist.fuzz.seconds} (1 if not set). The decoder may
 * return or throw what its documentation says; anything else fails the test and prints the seed, which
 * {@code -Djdist.fuzz.seed} takes to make that input again, as the first.
 */
public final class Fuzz {
    private static final double SECONDS = Double.parseDouble(System.getProperty("jdist.fuzz.seconds", "1"));
    private static final String SEED = System.getProperty("jdist.fuzz.seed");
    private static final int MAX_NOISE = 200;
    private static final int MAX_SHOWN = 2000;

    /** Lengths, counts and variant indexes that parsers get wrong. */
    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        2,
        127,
        128,
        255,
        256,
        1 << 16,
        1 << 20,
        (1 << 20) + 1,
        1 << 30,
        1L << 31,
        1L << 32,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    /** What means something in one text format or the other. */
    private static final List<String> TOKENS = List.of(
            "\"",
            "'",
            "\"\"\"",
            "'''",
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            "=",
            ":",
            "::",
            ",",
            ".",
            "..",
            ";",
            "#",
            "\\",
            "\\u0000",
            "\\ud800",
            "\\uFFFFFFFF",
            "%",
            "%00",
            "%zz",
            "/",
            "//",
            "@",
            "?",
            "*",
            "-",
            "+",
            "_",
            "\0",
            "\n",
            "\r\n",
            "\t",
            " ",
            "\u00a0",
            "\ufeff",
            "é",
            "\ud83d\ude00",
            "\u212a",
            "٣",
            "null",
            "true",
            "nan",
            "inf",
            "1e999",
            "0x",
            "-0",
            "99999999999999999999",
            "1979-05-27T07:32:00Z",
            "25:61:61",
            "q=",
            "http://",
            "https://",
            "-----BEGIN CERTIFICATE-----\n",
            "-----END CERTIFICATE-----\n",
            "==");

    /** A decoder under test: reads {@code input}, and may throw. */
    @FunctionalInterface
    public interface Decoder<T> {
        void decode(T input) throws Exception;
    }

    private Fuzz() {}

    /** @param share of the time that one decoder gets: a test of several small ones gives each a part */
    public static void bytes(double share, List<byte[]> samples, Decoder<byte[]> decoder, Class<?>... documented) {
        long first = SEED != null ? Long.parseLong(SEED) : System.nanoTime();
        long deadline = System.nanoTime() + (long) (SECONDS * share * 1e9);
        Set<Class<?>> allowed = Set.of(documented);
        // Each sample as it is first, however little time there is: a test may ask what they came to.
        for (byte[] sample : samples) {
            try {
                decoder.decode(sample.clone());
            } catch (Throwable e) {
                if (!allowed.contains(e.getClass())) {
                    fail("a sample that is not damaged: " + e + " for " + show(sample), e);
                }
            }
        }
        for (long seed = first; seed == first || System.nanoTime() < deadline; seed++) {
            byte[] input = input(new SplittableRandom(seed), samples);
            try {
                decoder.decode(input);
            } catch (Throwable e) {
                if (!allowed.contains(e.getClass())) {
                    fail("run again with -Djdist.fuzz.seed=" + seed + ": " + e + " for " + show(input), e);
                }
            }
        }
    }

    /** As {@link #bytes}, for decoders of text. */
    public static void text(double share, List<String> samples, Decoder<String> decoder, Class<?>... documented) {
        bytes(
                share,
                samples.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList(),
                input -> decoder.decode(new String(input, StandardCharsets.UTF_8)),
                documented);
    }

    private static byte[] input(SplittableRandom random, List<byte[]> samples) {
        if (samples.isEmpty() || random.nextInt(10) == 0) {
            byte[] noise = new byte[random.nextInt(MAX_NOISE)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] input = samples.get(random.nextInt(samples.size())).clone();
        do {
            input = mutate(random, input, samples);
        } while (random.nextInt(3) == 0);
        return input;
    }

    private static byte[] mutate(SplittableRandom random, byte[] input, List<byte[]> samples) {
        int at = random.nextInt(input.length + 1);
        int to = at + random.nextInt(Math.min(input.length - at, 40) + 1);
        return switch (random.nextInt(8)) {
            case 0 -> flipBit(random, input);
            case 1 -> splice(input, at, at, new byte[] {(byte) random.nextInt(256)});
            case 2 -> splice(input, at, to, new byte[0]);
            case 3 -> splice(input, at, at, Arrays.copyOfRange(input, at, to));
            case 4 -> splice(input, at, input.length, new byte[0]);
            case 5 -> number(random, input);
            case 6 -> {
                byte[] other = samples.get(random.nextInt(samples.size()));
                byte[] tail = Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length);
                yield splice(input, at, input.length, tail);
            }
            default -> {
                String token = TOKENS.get(random.nextInt(TOKENS.size()));
                yield splice(input, at, random.nextBoolean() ? at : to, token.getBytes(StandardCharsets.UTF_8));
            }
        };
    }

    private static byte[] flipBit(SplittableRandom random, byte[] input) {
        if (input.length > 0) {
            input[random.nextInt(input.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return input;
    }

    private static byte[] number(SplittableRandom random, byte[] input) {
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        int width = random.nextBoolean() ? Long.BYTES : Integer.BYTES;
        if (input.length >= width) {
            int at = random.nextInt(input.length - width + 1);
            for (int i = 0; i < width; i++) {
                input[at + i] = (byte) (number >>> (8 * i));
            }
        }
        return input;
    }

    /** {@code input} with what lies between {@code from} and {@code to} replaced. */
    private static byte[] splice(byte[] input, int from, int to, byte[] replacement) {
        byte[] result = new byte[from + replacement.length + input.length - to];
        System.arraycopy(input, 0, result, 0, from);
        System.arraycopy(replacement, 0, result, from, replacement.length);
        System.arraycopy(input, to, result, from + replacement.length, input.length - to);
        return result;
    }

    private static String show(byte[] input) {
        String hex = HexFormat.of().formatHex(input, 0, Math.min(input.length, MAX_SHOWN));
        return input.length + " bytes " + hex + ", as text \""
                + new String(input, 0, Math.min(input.length, MAX_SHOWN), StandardCharsets.UTF_8) + "\"";
    }
}
