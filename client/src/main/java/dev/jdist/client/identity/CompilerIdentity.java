package dev.jdist.client.identity;

import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.FileEvidence;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.UnchangedPaths;
import dev.jdist.client.identity.ProgramDigests.Digested;
import dev.jdist.client.toolchain.ToolchainPackager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What tells a compiler from others.
 *
 * @param text stands for all that it is made of
 * @param parts the programs and libraries that this is
 * @param named what was looked for: paths, or names that were looked for in {@code path}
 * @param found what was found of it, in the same order
 * @param path the caller's {@code PATH}
 * @param libraries what decided which libraries it loads
 * @param missingLibraries files that would be loaded in their place if they were there
 */
public record CompilerIdentity(
        String text,
        Digested parts,
        List<Path> named,
        List<Optional<Path>> found,
        String path,
        FileEvidence libraries,
        Set<Path> missingLibraries) {
    /**
     * What it depends on, with the stamps that it has; nothing for what must not be there. A directory whose stamp proves
     * something stands for all that was looked for in it in vain.
     */
    public Map<Path, Optional<FileStat>> stamps() {
        Map<Path, Optional<FileStat>> stamps =
                new HashMap<>(FileEvidence.ofMissing(missing()).stamps());
        stamps.putAll(libraries.stamps());
        for (int i = 0; i < parts.files().size(); i++) {
            stamps.put(parts.files().get(i), Optional.of(parts.stamps().get(i)));
        }
        return stamps;
    }

    /**
     * Looks whether a compile was done by this compiler.
     *
     * @throws ChangedException if another one may have stood in its place
     */
    public void check(UnchangedPaths paths) throws IOException, ChangedException {
        for (int i = 0; i < parts.files().size(); i++) {
            paths.checkFile(parts.files().get(i), parts.stamps().get(i));
        }
        for (Path name : missing()) {
            checkMissing(paths, name);
        }
        for (Path name : missingLibraries) {
            checkMissing(paths, name);
        }
        for (Map.Entry<Path, Optional<FileStat>> each : libraries.stamps().entrySet()) {
            // Other names may come and go in a directory where libraries were looked for.
            boolean isFile = each.getValue().isPresent() && !Files.isDirectory(each.getKey());
            if (isFile && !paths.check(each.getKey()).equals(each.getValue())) {
                throw new ChangedException(each.getKey() + " changed during the compile");
            }
        }
    }

    private static void checkMissing(UnchangedPaths paths, Path name) throws IOException, ChangedException {
        if (paths.check(name).isPresent()) {
            throw new ChangedException(name + " is there now, and may be a part of the compiler");
        }
    }

    /** Where something was looked for in vain. */
    private Set<Path> missing() {
        Set<Path> missing = new LinkedHashSet<>();
        for (int i = 0; i < named.size(); i++) {
            for (Path candidate : ToolchainPackager.places(named.get(i), path)) {
                if (found.get(i).equals(Optional.of(candidate))) {
                    break;
                }
                missing.add(candidate);
            }
        }
        return missing;
    }
}
