package dev.jdist.protocol.config;

import java.math.BigInteger;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as sccache writes them: a number of bytes, or a number with K, M, G or T for powers of 1024. */
public final class ByteSize {
    public static final long KIB = 1L << 10;
    public static final long MIB = 1L << 20;
    public static final long GIB = 1L << 30;

    private static final Pattern FORM = Pattern.compile("([0-9]{1,20})([KMGT]?)");

    private ByteSize() {}

    /**
     * Bytes, or nothing if {@code text} is not a size. A size may be up to 2^64 - 1, as in sccache; from 2^63 on, it is the
     * largest {@code long}.
     */
    public static OptionalLong parse(String text) {
        Matcher form = FORM.matcher(text.toUpperCase(Locale.ROOT));
        if (!form.matches()) {
            return OptionalLong.empty();
        }
        int power = form.group(2).isEmpty() ? 0 : "KMGT".indexOf(form.group(2)) + 1;
        BigInteger bytes = new BigInteger(form.group(1)).shiftLeft(10 * power);
        return ConfigValue.isUnsigned(bytes)
                ? OptionalLong.of(bytes.min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact())
                : OptionalLong.empty();
    }

    /** For people: {@code 512 B}, {@code 4.7 MiB}. */
    public static String format(long bytes) {
        double value = bytes;
        int power = 0;
        while (value >= 1024 && power < 4) {
            value /= 1024;
            power++;
        }
        return power == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %ciB", value, " KMGT".charAt(power));
    }
}
