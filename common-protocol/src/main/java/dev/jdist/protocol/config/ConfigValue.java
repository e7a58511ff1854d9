package dev.jdist.protocol.config;

import java.util.List;
import java.util.Map;

/** A value of a settings file with the line on which it stands (1 is the first; 0 where nobody can tell). */
public sealed interface ConfigValue {
    int line();

    /** What a person would call this kind of value. */
    String kind();

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
