package dev.jdist.client.compiler.cfamily;

import java.util.List;
import java.util.Optional;

/**
 * An option with its value, or an input file, as a command line has it.
 *
 * @param option the row of the table; nothing for an input file
 * @param value joined to the option or following it; the name of an input file
 * @param tokens as they stood on the command line
 */
record Argument(Optional<Option> option, String value, List<String> tokens) {
    static Argument input(String word) {
        return new Argument(Optional.empty(), word, List.of(word));
    }

    boolean isInput() {
        return option.isEmpty();
    }

    /** Of the option as the table has it, or of the input file. */
    String name() {
        return option.map(Option::name).orElse(value);
    }

    boolean has(Trait trait) {
        return option.isPresent() && option.get().has(trait, value);
    }
}
