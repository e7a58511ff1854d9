package dev.jdist.client.cache.direct;

import dev.jdist.client.files.FileBaseline;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a compile read, as far as its own words tell.
 *
 * @param read all files, the source first
 * @param forced names that {@code -include} and the like bring in before the source
 * @param searched where the compiler looks for included files
 * @param cwd the directory of the compile
 * @param before how the file system looked when the compile began
 * @param dependencies the dependency file that it wrote
 * @param target of the rule in that file, if it may be another one the next time
 * @param looked all places at which it looked, without links on the way to them, where somebody has seen that; else they are
 *     told from the sources
 */
public record CompileInputs(
        Set<Path> read,
        List<String> forced,
        List<Path> searched,
        Path cwd,
        FileBaseline before,
        Optional<byte[]> dependencies,
        Optional<DependencyTarget> target,
        Optional<Set<Path>> looked) {
    /** Of a compile that nobody has watched. */
    public CompileInputs(
            Set<Path> read,
            List<String> forced,
            List<Path> searched,
            Path cwd,
            FileBaseline before,
            Optional<byte[]> dependencies,
            Optional<DependencyTarget> target) {
        this(read, forced, searched, cwd, before, dependencies, target, Optional.empty());
    }

    public CompileInputs {
        Set<Path> plain = new LinkedHashSet<>();
        read.forEach(path -> plain.add(withoutDots(path)));
        read = plain;
    }

    /** {@code /a/./b} is {@code /a/b}; what {@code /a/../b} is, only the file system knows. */
    private static Path withoutDots(Path path) {
        Path plain = path.getRoot();
        for (Path name : path) {
            if (!name.toString().equals(".")) {
                plain = plain.resolve(name);
            }
        }
        return plain;
    }
}
