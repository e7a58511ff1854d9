package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.Variable;

/** Where a value in force comes from. */
public sealed interface Origin {
    /** @param line 1 is the first; 0 where nobody can tell */
    record File(String name, int line) implements Origin {
        @Override
        public String toString() {
            return line > 0 ? name + ":" + line : name;
        }
    }

    record FromVariable(Variable variable) implements Origin {
        @Override
        public String toString() {
            return "variable " + variable;
        }
    }

    /** Nobody set it. */
    record Default() implements Origin {
        @Override
        public String toString() {
            return "default";
        }
    }
}
