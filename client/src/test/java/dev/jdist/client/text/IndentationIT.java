package dev.jdist.client.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random functions, badly indented: whatever a real compiler warns of has to be found. */
@Timeout(120)
class IndentationIT {
    private static final int FUNCTIONS = 500;
    /** A warning, or where the macro stands of whose guard it tells. */
    private static final Pattern WARNING =
            Pattern.compile("a\\.c:(\\d+):\\d+: (?:warning: .*misleading-indentation|note: in expansion of macro)");

    private static final String HEAD = "#define EACH(x) for (; x; x--)\nint g(int);\n";
    private static final List<String> BLANKS = List.of("    ", "        ", "\t", "  \t", "\t    ", "\t\t", "", " ");
    private static final List<String> SIMPLE = List.of("a++;", "b--;", "g(a);", "a = b;", "a = (b ? a : b);", ";");

    @TempDir
    private Path directory;

    private Random random;

    private <T> T any(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private String gap() {
        return random.nextInt(4) == 0 ? " " : "\n" + any(BLANKS);
    }

    private String statement(int depth) {
        String inner = gap() + (depth < 3 ? statement(depth + 1) : any(SIMPLE));
        String orElse = random.nextInt(5) < 2 ? gap() + "else" + gap() + any(SIMPLE) : "";
        return switch (depth < 3 ? random.nextInt(12) : 11) {
            case 0, 1, 2 -> "if (a)" + inner + orElse;
            case 3 -> "for (;;)" + inner;
            case 4 -> "while (a)" + inner;
            case 5 -> "{" + inner + gap() + any(SIMPLE) + gap() + "}";
            case 6 -> "do" + inner + gap() + "while (a);";
            case 7 -> "switch (a) { case 1: a++; }";
            case 8 -> "EACH(a)" + inner;
            default -> any(SIMPLE);
        };
    }

    private String function(int number) {
        StringBuilder text = new StringBuilder("int f" + number + "(int a, int b) {\n");
        for (int i = 0; i < 3; i++) {
            text.append(any(BLANKS)).append(statement(0)).append(random.nextInt(3) == 0 ? " " : "\n");
        }
        return text.append("\n    return a;\n}\n").toString();
    }

    // Columns: a compiler, a seed
    @ParameterizedTest
    @CsvSource({"gcc, 1", "gcc, 2", "gcc, 3", "clang, 1", "clang, 2", "clang, 3"})
    void whatTheCompilerWarnsOf_isFound(String compiler, long seed) throws Exception {
        random = new Random(seed);
        List<String> functions = new ArrayList<>();
        for (int i = 0; i < FUNCTIONS; i++) {
            functions.add(function(i));
        }
        Set<Integer> warned = warned(compiler, functions);
        assertTrue(warned.size() > FUNCTIONS / 20, () -> compiler + " warns of " + warned.size());
        List<String> missed = warned.stream()
                .map(functions::get)
                .filter(text -> !Indentation.mayMislead(text.getBytes(StandardCharsets.UTF_8)))
                .toList();
        assertEquals(List.of(), missed);
    }

    /** The numbers of the functions of which it warns. */
    private Set<Integer> warned(String compiler, List<String> functions) throws IOException, InterruptedException {
        List<Integer> ofLine = new ArrayList<>();
        HEAD.lines().forEach(line -> ofLine.add(-1));
        for (int i = 0; i < functions.size(); i++) {
            for (long line = functions.get(i).lines().count(); line > 0; line--) {
                ofLine.add(i);
            }
        }
        Files.writeString(directory.resolve("a.c"), HEAD + String.join("", functions));
        ProcessBuilder call = new ProcessBuilder(compiler, "-fsyntax-only", "-Wmisleading-indentation", "a.c")
                .directory(directory.toFile())
                .redirectErrorStream(true);
        call.environment().put("LC_ALL", "C");
        Process process = call.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        Set<Integer> numbers = new TreeSet<>();
        Matcher warning = WARNING.matcher(said);
        while (warning.find()) {
            numbers.add(ofLine.get(Integer.parseInt(warning.group(1)) - 1));
        }
        numbers.remove(-1);
        return numbers;
    }
}
