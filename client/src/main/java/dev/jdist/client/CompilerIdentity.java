package dev.jdist.client;

import dev.jdist.client.cache.ProgramDigests.Digested;
import dev.jdist.client.cache.Stamp;
import dev.jdist.client.toolchain.ToolchainPackager;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What tells a compiler from others.
 *
 * @param text stands for all that it is made of
 * @param parts the programs and libraries that this is
 * @param named what was looked for: paths, or names that were looked for in {@code path}
 * @param found what was found of it, in the same order
 * @param path the caller's {@code PATH}
 */
record CompilerIdentity(String text, Digested parts, List<Path> named, List<Optional<Path>> found, String path) {
    /** Of each file that it depends on its stamp; nothing for one that must not be there. */
    Map<Path, Optional<Stamp>> stamps() {
        Map<Path, Optional<Stamp>> stamps = new HashMap<>();
        for (int i = 0; i < named.size(); i++) {
            for (Path candidate : ToolchainPackager.places(named.get(i), path)) {
                if (found.get(i).equals(Optional.of(candidate))) {
                    break;
                }
                stamps.put(candidate, Optional.empty());
            }
        }
        for (int i = 0; i < parts.files().size(); i++) {
            stamps.put(parts.files().get(i), Optional.of(parts.stamps().get(i)));
        }
        return stamps;
    }
}
