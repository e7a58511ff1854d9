package dev.jdist.client.compiler;

import java.nio.file.Path;
import java.util.List;

/**
 * The configuration files that a compiler reads by itself: what stands in them goes before each of its command lines.
 *
 * @param files those that it reads, and those that these include
 * @param options what stands in them
 * @param arePlain whether a command line means, with these options before it, what it means without them as far as farm and
 *     cache are concerned: they read, write and name nothing more
 */
public record ConfigurationFiles(List<Path> files, List<String> options, boolean arePlain) {
    public static final ConfigurationFiles NONE = new ConfigurationFiles(List.of(), List.of(), true);

    public ConfigurationFiles {
        files = List.copyOf(files);
        options = List.copyOf(options);
    }
}
