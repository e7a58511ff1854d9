package dev.jdist.client.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds what the pages name against what is there: classes, scripts, and the targets of links. */
class PageNamesTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES = List.of("common-protocol", "sandbox", "scheduler", "builder", "client");

    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    /** Two words or more in camel case, perhaps with a nested class or constant behind a dot. */
    private static final Pattern CLASS = Pattern.compile("([A-Z][a-z0-9]+(?:[A-Z]+[a-z0-9]*)+)(?:\\.\\w+)?");

    private static final Pattern DECLARED = Pattern.compile("\\b(?:class|record|interface|enum) ([A-Z]\\w*)");

    private static final Pattern SCRIPT = Pattern.compile("(?:scripts|configs|\\.ci)/[\\w./-]*\\w");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docs/architecture.md",
                "docs/cache-design.md",
                "docs/sandbox-design.md",
                "docs/failure-model.md",
                "docs/glossary.md",
                "docs/CONTRIBUTING.md"
            })
    void classes_thatAPageNames_areInTheSources(String page) throws IOException {
        Set<String> known = classes();
        Set<String> named = new TreeSet<>();
        CODE.matcher(Files.readString(ROOT.resolve(page)))
                .results()
                .map(code -> CLASS.matcher(code.group(1)))
                .filter(name -> name.matches())
                .forEach(name -> named.add(name.group(1)));

        assertFalse(named.isEmpty(), "no class on the page");
        named.removeAll(known);
        assertEquals(Set.of(), named, "no such class");
    }

    /** Nested ones as well. */
    private static Set<String> classes() throws IOException {
        Set<String> names = new HashSet<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
                for (Path file :
                        files.filter(name -> name.toString().endsWith(".java")).toList()) {
                    DECLARED.matcher(Files.readString(file)).results().forEach(type -> names.add(type.group(1)));
                }
            }
        }
        return names;
    }

    @Test
    void scripts_thatAPageNames_areThere() throws IOException {
        Set<String> missing = new TreeSet<>();
        for (Path page : pages()) {
            CODE.matcher(Files.readString(page))
                    .results()
                    .forEach(code -> SCRIPT.matcher(code.group(1))
                            .results()
                            .map(script -> script.group())
                            .filter(script -> !Files.exists(ROOT.resolve(script)))
                            .filter(script -> !script.endsWith("NAME"))
                            .forEach(script -> missing.add(page.getFileName() + ": " + script)));
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void links_ofAllPages_leadSomewhere() throws IOException {
        Map<Path, Set<String>> anchors = new HashMap<>();
        Set<String> broken = new TreeSet<>();
        for (Path page : pages()) {
            for (String link : LINK.matcher(withoutListings(page))
                    .results()
                    .map(found -> found.group(1))
                    .filter(target -> !target.contains("://"))
                    .toList()) {
                int hash = link.indexOf('#');
                String file = hash < 0 ? link : link.substring(0, hash);
                Path target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
                if (!Files.exists(target)) {
                    broken.add(page.getFileName() + ": " + link);
                } else if (hash >= 0) {
                    if (!anchors.containsKey(target)) {
                        anchors.put(target, anchors(target));
                    }
                    if (!anchors.get(target).contains(link.substring(hash + 1))) {
                        broken.add(page.getFileName() + ": " + link);
                    }
                }
            }
        }
        assertEquals(Set.of(), broken);
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(ROOT.resolve("README.md")),
                            files.filter(file -> file.toString().endsWith(".md")))
                    .sorted()
                    .toList();
        }
    }

    private static String withoutListings(Path page) throws IOException {
        return FENCED.matcher(Files.readString(page)).replaceAll("");
    }

    /** As GitHub makes them of headings. */
    private static Set<String> anchors(Path page) throws IOException {
        Set<String> anchors = new HashSet<>();
        HEADING.matcher(withoutListings(page))
                .results()
                .forEach(heading -> anchors.add(heading.group(1)
                        .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                        .strip()
                        .replace(' ', '-')));
        return anchors;
    }
}
