package dev.jdist.client.inputs;

import dev.jdist.client.files.Directories;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.source.SourceScan;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A unit as the files that somebody wrote, under their own names. A compiler prints about them what it prints here.
 *
 * @param sources that the compile reads, in order. Generated source may name, by {@code #line}, what is not there
 * @param places directories in which the compiler looks for files, as far as they are known
 * @param contents what source files hold
 */
record SourceInputs(
        CompileTask task, Set<Path> sources, FileBaseline before, Collection<Path> places, SourceFileCache contents)
        implements UnitInputs {
    @Override
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>(task.terminalOptions());
        arguments.addAll(task.unit().compileArguments(task.colors()));
        return arguments;
    }

    /**
     * Also those that the compiler finds and does not read, as they are marked to be read once and are the same as others:
     * without them, it would go on to the next directory.
     */
    @Override
    public List<InputFile> files() throws IOException {
        Set<Path> files = new LinkedHashSet<>();
        Map<String, Set<Path>> looked = new HashMap<>();
        for (Path source : sources) {
            if (Files.isRegularFile(source)) {
                files.add(source);
                Set<Path> directories = new LinkedHashSet<>(places);
                directories.add(Directories.of(source));
                for (String name : names(source)) {
                    directories.stream()
                            .filter(looked.computeIfAbsent(name, first -> new HashSet<>())::add)
                            .map(directory -> directory.resolve(name))
                            .filter(Files::isRegularFile)
                            .forEach(files::add);
                }
            }
        }
        addNamesakes(files);
        return files.stream().map(file -> new InputFile(file, file)).toList();
    }

    /** What could be found, by a name that macros put together, in the place of one of these files. */
    private void addNamesakes(Set<Path> files) throws IOException {
        List<SourceScan> scans = contents.scans(files);
        if (scans.stream().noneMatch(SourceScan::computedInclude)
                || scans.stream().noneMatch(SourceScan::once)) {
            return;
        }
        Set<Path> roots = new LinkedHashSet<>(places);
        files.forEach(file -> roots.add(Directories.of(file)));
        Set<Path> names = new HashSet<>();
        for (Deque<Path> left = new ArrayDeque<>(files); !left.isEmpty(); ) {
            Path file = left.remove().normalize();
            for (Path root : roots) {
                Path name = file.startsWith(root.normalize()) ? root.normalize().relativize(file) : file;
                if (!name.isAbsolute() && names.add(name)) {
                    roots.stream()
                            .map(other -> other.resolve(name))
                            .filter(Files::isRegularFile)
                            .filter(files::add)
                            .forEach(left::add);
                }
            }
        }
    }

    private Set<String> names(Path source) throws IOException {
        return contents.content(source).map(content -> content.scan().names()).orElse(Set.of());
    }

    /** Nothing stands for them in a key by content: which files a compile reads depends on those that are not there, too. */
    @Override
    public Content read() {
        return new Content() {
            @Override
            public Optional<String> outsideNeed() {
                return Optional.empty();
            }

            @Override
            public Set<Path> sources() {
                return sources;
            }

            @Override
            public Set<Path> onlyNamed() {
                return sources;
            }

            @Override
            public boolean tellsOfColumns() {
                return false;
            }

            @Override
            public Optional<KeyText> keyText() {
                return Optional.empty();
            }
        };
    }

    @Override
    public boolean keepsColumns() {
        return true;
    }

    @Override
    public boolean mayHideMessages() {
        return false;
    }

    @Override
    public boolean areReproducible() {
        return true;
    }

    @Override
    public Optional<UnitInputs> forMessages() {
        return Optional.of(this);
    }

    @Override
    public void close() {}
}
