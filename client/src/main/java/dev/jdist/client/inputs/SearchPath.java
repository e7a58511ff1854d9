package dev.jdist.client.inputs;

import dev.jdist.client.unit.CompileTask;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The directories in which a compiler looks for included files, those that do not exist and those that are there twice
 * included, as gcc and clang print them for {@code -E -v}.
 */
public record SearchPath(List<Path> directories) {
    private static final String START = "#include ";
    private static final String START_END = "search starts here:";
    private static final String END = "End of search list.";
    /** Missing ones, and links to others in the list: both may turn into directories of their own. */
    private static final List<String> IGNORED =
            List.of("ignoring nonexistent directory \"", "ignoring duplicate directory \"");

    private static final String FRAMEWORK = " (framework directory)";

    public SearchPath {
        directories = List.copyOf(directories);
    }

    /**
     * Directories in which a compile will look for files, as far as they are known before.
     *
     * @param searched where its compiler looks for included files, if that is known
     */
    public static Set<Path> places(CompileTask task, Optional<SearchPath> searched) {
        Set<Path> places = new LinkedHashSet<>();
        Path cwd = task.request().cwd();
        places.add(cwd);
        places.add(task.source().getParent());
        task.unit().caching().namesForPreprocessor().forEach(name -> places.add(cwd.resolve(name)));
        task.unit().caching().moduleDirectories().forEach(name -> places.add(cwd.resolve(name)));
        searched.ifPresent(path -> places.addAll(path.directories()));
        return places;
    }

    /**
     * Reads what {@code -E -v} printed on standard error, in the C locale.
     *
     * @param cwd to which relative directories refer
     * @return nothing if there is no search list in it
     */
    public static Optional<SearchPath> parse(String printed, Path cwd) {
        Set<Path> directories = new LinkedHashSet<>();
        boolean inList = false;
        boolean found = false;
        for (String line : printed.split("\n")) {
            if (IGNORED.stream().anyMatch(line::startsWith) && line.endsWith("\"")) {
                directories.add(cwd.resolve(line.substring(line.indexOf('"') + 1, line.length() - 1)));
            } else if (line.startsWith(START) && line.endsWith(START_END)) {
                inList = true;
            } else if (line.equals(END)) {
                inList = false;
                found = true;
            } else if (inList && line.startsWith(" ")) {
                String name = line.substring(1);
                directories.add(cwd.resolve(
                        name.endsWith(FRAMEWORK) ? name.substring(0, name.length() - FRAMEWORK.length()) : name));
            }
        }
        return found ? Optional.of(new SearchPath(new ArrayList<>(directories))) : Optional.empty();
    }
}
