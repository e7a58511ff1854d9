package dev.jdist.protocol.config;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** A value of a settings file with the line on which it stands (1 is the first; 0 where nobody can tell). */
public sealed interface ConfigValue {
    int line();

    /** What a person would call this kind of value. */
    String kind();

    /**
     * A whole number. sccache's go up to 2^64 - 1; what {@code long} does not hold of these is its largest value, which is
     * as good as no limit.
     */
    static ConfigValue number(BigInteger value, int line) {
        if (value.bitLength() < Long.SIZE) {
            return new Whole(value.longValue(), line);
        }
        return isUnsigned(value) ? new Whole(Long.MAX_VALUE, line) : new Other("a number over 2^64", line);
    }

    /** Whether {@code value} is 0 to 2^64 - 1. */
    static boolean isUnsigned(BigInteger value) {
        return value.signum() >= 0 && value.bitLength() <= Long.SIZE;
    }

    record Text(String value, int line) implements ConfigValue {
        @Override
        public String kind() {
            return "a string";
        }
    }

    record Whole(long value, int line) implements ConfigValue {
        @Override
        public String kind() {
            return "a number";
        }
    }

    record Flag(boolean value, int line) implements ConfigValue {
        @Override
        public String kind() {
            return value ? "true" : "false";
        }
    }

    record Listing(List<ConfigValue> values, int line) implements ConfigValue {
        @Override
        public String kind() {
            return "a list";
        }
    }

    record Table(Map<String, ConfigValue> values, int line) implements ConfigValue {
        @Override
        public String kind() {
            return "a table";
        }
    }

    /** JSON's null. A key that has it counts as not written; an element of a list must not have it. */
    record Null(int line) implements ConfigValue {
        @Override
        public String kind() {
            return "null";
        }
    }

    /** A kind of value that no setting takes: a date, a fraction. */
    record Other(String kind, int line) implements ConfigValue {}
}
