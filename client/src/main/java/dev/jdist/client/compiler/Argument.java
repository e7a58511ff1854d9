package dev.jdist.client.compiler;

import java.util.List;
import java.util.Optional;

/**
 * One argument of a command line, with its value.
 *
 * @param role of the option; for an input file, nothing
 * @param name of the option as the table has it, or the word itself where it has none
 * @param value joined to it or following it; the word itself of an input file
 * @param words as they stood on the command line
 */
public record Argument(Optional<Role> role, String name, String value, List<String> words) {
    static Argument input(String word) {
        return new Argument(Optional.empty(), word, word, List.of(word));
    }

    /** The {@code --} after which there are only inputs. */
    static Argument endOfOptions(String word) {
        return new Argument(Optional.of(Role.COMMON), word, "", List.of(word));
    }

    /**
     * One that stands in no table. Long names are other names of short options: of gcc's, {@code --language=c++} is -x and
     * {@code --write-dependencies} is -MD, so that nobody knows what they do to the steps.
     */
    static Argument unknownOption(String word) {
        Role role = word.startsWith("--") ? Role.LOCAL_ONLY : Role.COMMON;
        return new Argument(Optional.of(role), word, "", List.of(word));
    }

    boolean isInput() {
        return role.isEmpty();
    }

    boolean is(Role wanted) {
        return role.isPresent() && role.get() == wanted;
    }
}
