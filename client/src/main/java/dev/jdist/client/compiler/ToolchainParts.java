package dev.jdist.client.compiler;

import java.util.List;
import java.util.Optional;

/**
 * What a compiler consists of besides its own program, as options that have it print where a part is. Parts that it does not
 * have are left out.
 *
 * @param programs it runs
 * @param texts that say how it works: with the programs, they tell it from others
 * @param files it needs elsewhere, too
 * @param identity asks for what all programs of one installation answer alike, and no other does
 * @param directory of its own files, if it has one
 * @param trees of that directory that it needs elsewhere
 */
public record ToolchainParts(
        List<String> programs,
        List<String> texts,
        List<String> files,
        List<String> identity,
        Optional<String> directory,
        List<String> trees) {}
