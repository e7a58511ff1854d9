package dev.jdist.client.architecture;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the packages of all modules to the table in docs/CONTRIBUTING.md, and the table to the packages. */
class PackagesTest {
    private static final Path ROOT = Path.of("..");
    private static final String PREFIX = "dev.jdist.";
    private static final List<String> MODULES = List.of("common-protocol", "sandbox", "scheduler", "builder", "client");
    private static final int MOST_CLASSES = 20;
    private static final Pattern ROW = Pattern.compile("\\| ([a-z-]+) \\| `([a-z.]+)` \\| (.+) \\| (.+) \\|");
    private static final Pattern NAME = Pattern.compile("`([a-z.]+\\*?)`");

    /** @param mayUse names, of which those that end in {@code .*} stand for several */
    private record Row(String module, String name, Set<String> mayUse) {
        boolean allows(String used) {
            return mayUse.stream().anyMatch(allowed -> covers(allowed, used));
        }
    }

    private static final List<Row> TABLE = new ArrayList<>();

    /** Without tests. */
    private static JavaClasses code;

    @BeforeAll
    static void readTableAndClasses() throws IOException {
        TABLE.clear();
        boolean inTable = false;
        for (String line : Files.readAllLines(ROOT.resolve("docs/CONTRIBUTING.md"))) {
            if (line.startsWith("## ")) {
                inTable = line.equals("## Packages");
            } else if (inTable && line.startsWith("| ") && !line.startsWith("| Module ")) {
                Matcher cells = ROW.matcher(line);
                assertTrue(cells.matches(), "no row of the table: " + line);
                TABLE.add(new Row(cells.group(1), cells.group(2), names(cells.group(4))));
            }
        }
        code = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.jdist");
    }

    @Test
    void table_listsEachPackageOnceInItsModule() throws IOException {
        Map<String, String> moduleOf = new TreeMap<>();
        for (Row row : TABLE) {
            assertNull(moduleOf.put(row.name(), row.module()), row.name() + " stands twice");
        }
        Map<String, String> sources = new TreeMap<>();
        sources().forEach((directory, module) -> sources.put(packageOf(module, directory), module));
        assertEquals(sources, moduleOf);
    }

    @Test
    void packages_useOnlyWhatTheTableAllows() {
        Map<String, Row> rows = TABLE.stream().collect(Collectors.toMap(Row::name, row -> row));
        Set<String> forbidden = new TreeSet<>();
        for (JavaClass type : code) {
            Row row = rows.get(shortName(type));
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (isOurs(target) && !shortName(target).equals(row.name()) && !row.allows(shortName(target))) {
                    forbidden.add(
                            row.name() + " must not use " + shortName(target) + ": " + dependency.getDescription());
                }
            }
        }
        assertTrue(forbidden.isEmpty(), () -> String.join("\n", forbidden));
    }

    @Test
    void table_allowsOnlyWhatIsUsed() {
        Map<String, Set<String>> used = new HashMap<>();
        for (JavaClass type : code) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (isOurs(target)) {
                    used.computeIfAbsent(shortName(type), name -> new HashSet<>())
                            .add(shortName(target));
                }
            }
        }
        List<String> unused = new ArrayList<>();
        for (Row row : TABLE) {
            Set<String> targets = used.getOrDefault(row.name(), Set.of());
            for (String allowed : row.mayUse()) {
                if (targets.stream().noneMatch(target -> covers(allowed, target))) {
                    unused.add(row.name() + " does not use " + allowed);
                }
            }
        }
        assertEquals(List.of(), unused);
    }

    @Test
    void packages_haveNoCycles() {
        slices().matching("dev.jdist.(**)").should().beFreeOfCycles().check(code);
    }

    @Test
    void packages_areSmall() {
        Map<String, Long> tooLarge = new TreeMap<>(code.stream()
                .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(PackagesTest::shortName, Collectors.counting())));
        tooLarge.values().removeIf(count -> count <= MOST_CLASSES);
        assertEquals(Map.of(), tooLarge);
    }

    @Test
    void packages_sayWhatTheyOwn() throws IOException {
        List<Path> without = sources().keySet().stream()
                .map(directory -> directory.resolve("package-info.java"))
                .filter(file -> !isDocumented(file))
                .toList();
        assertEquals(List.of(), without);
    }

    @Test
    void unitTests_doNotSleep() {
        List<Path> tests = MODULES.stream()
                .map(module -> ROOT.resolve(module).resolve("target/test-classes"))
                .filter(Files::isDirectory)
                .toList();
        List<String> sleeps = new ClassFileImporter()
                .importPaths(tests).stream()
                        .filter(type -> type.getName().matches(".*Test(\\$.*)?"))
                        .flatMap(type -> type.getMethodCallsFromSelf().stream())
                        .filter(call -> call.getName().equals("sleep"))
                        .filter(call -> call.getTargetOwner().isEquivalentTo(Thread.class)
                                || call.getTargetOwner().isEquivalentTo(TimeUnit.class))
                        .map(call -> call.getDescription())
                        .toList();
        assertEquals(List.of(), sleeps);
    }

    private static boolean covers(String allowed, String used) {
        if (!allowed.endsWith(".*")) {
            return allowed.equals(used);
        }
        String root = allowed.substring(0, allowed.length() - 2);
        return used.equals(root) || used.startsWith(root + ".");
    }

    private static Set<String> names(String cell) {
        return NAME.matcher(cell).results().map(match -> match.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean isOurs(JavaClass type) {
        return type.getPackageName().startsWith(PREFIX);
    }

    private static String shortName(JavaClass type) {
        return type.getPackageName().substring(PREFIX.length());
    }

    /** Directories that hold classes, with their modules. */
    private static Map<Path, String> sources() throws IOException {
        Map<Path, String> found = new TreeMap<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(root(module))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file -> found.put(file.getParent(), module));
            }
        }
        return found;
    }

    private static Path root(String module) {
        return ROOT.resolve(module).resolve("src/main/java");
    }

    private static String packageOf(String module, Path directory) {
        return root(module).relativize(directory).toString().replace('/', '.').substring(PREFIX.length());
    }

    private static boolean isDocumented(Path file) {
        try {
            return Files.exists(file) && Files.readString(file).startsWith("/**");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
