package dev.jdist.client.compiler;

import java.util.Optional;

/** What a compiler's command line asks for, in the three kinds that sccache counts. */
public sealed interface ParsedCommand {
    /** It does not compile: it links, or prints something. */
    record NotCompilation() implements ParsedCommand {}

    /**
     * It compiles in a way that neither cache nor farm can follow.
     *
     * @param reason the short name under which sccache counts it
     */
    record CannotCache(String reason) implements ParsedCommand {}

    /**
     * It compiles one translation unit to one object file.
     *
     * @param localOnly why it must not be distributed, if so
     * @param untracked why it must not be cached, if so; it is not distributed then either
     */
    record Compile(CompileUnit unit, Optional<String> localOnly, Optional<String> untracked) implements ParsedCommand {}
}
