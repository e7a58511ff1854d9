package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.CompileOutput;
import java.util.Optional;

/**
 * A file that an option has the compiler write, besides the object.
 *
 * @param kind as sccache calls it
 * @param suffix in place of the object's; nothing if the option's value names the file
 * @param optional whether the compiler may leave it out
 */
record ExtraOutput(String kind, Optional<String> suffix, boolean optional) {
    /** The file itself, for an object and with the value that the option has. */
    CompileOutput of(String object, String value, OutputManners manners) {
        return new CompileOutput(
                kind, suffix.map(own -> CUnit.withSuffix(object, own)).orElse(value), optional, manners.of(kind));
    }
}
