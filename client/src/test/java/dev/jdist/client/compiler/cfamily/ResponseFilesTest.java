package dev.jdist.client.compiler.cfamily;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.compiler.CompilerKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseFilesTest {
    @TempDir
    private Path cwd;

    private List<String> expand(String... arguments) {
        return ResponseFiles.expand(List.of(arguments), cwd, CompilerKind.GCC);
    }

    @Test
    void splitText_followsQuotesAndBackslashes() {
        assertEquals(
                List.of("a", "b c", "d\"e", "f'g", "h i", "", "j\\k", "lm no"),
                ResponseFiles.split("a 'b c'\t'd\"e'\n\"f'g\" h\\ i '' \r\n j\\\\k l'm 'no", CompilerKind.GCC));
    }

    /** Told apart by clang, they must not be the same to us. */
    @Test
    void splitText_forClang_takesBackslashesBetweenSingleQuotesAsTheyAre() {
        String text = "'-DX=a\\b' \"c\\d\" e\\ f";
        assertEquals(List.of("-DX=a\\b", "cd", "e f"), ResponseFiles.split(text, CompilerKind.CLANG));
        assertEquals(List.of("-DX=ab", "cd", "e f"), ResponseFiles.split(text, CompilerKind.GCC));
    }

    @Test
    void splitText_openQuoteEndsWithTheText() {
        assertEquals(List.of("-DX", "a b"), ResponseFiles.split("-DX 'a b", CompilerKind.GCC));
    }

    @Test
    void splitText_nothingButSpace_isNoWord() {
        assertEquals(List.of(), ResponseFiles.split(" \t\r\n\f\u000b ", CompilerKind.GCC));
    }

    @Test
    void splitText_spaceOfOtherScripts_isPartOfTheWord() {
        assertEquals(
                List.of("-Iein\u3000weg", "\u2028x"), ResponseFiles.split("-Iein\u3000weg \u2028x", CompilerKind.GCC));
    }

    /** To read one would take the daemon's thread until somebody writes to it. */
    @Test
    @Timeout(60)
    void expand_pipeOrDevice_isLeftToTheCompiler() throws IOException, InterruptedException {
        Path pipe = cwd.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        List<String> arguments = List.of("@pipe", "@/dev/stdin", "@/dev/zero");
        assertEquals(arguments, ResponseFiles.expand(arguments, cwd, CompilerKind.GCC));
    }

    @Test
    void expand_filesInFiles_standInTheirPlace() throws IOException {
        Files.createDirectory(cwd.resolve("sub"));
        Files.writeString(cwd.resolve("sub/outer"), "1 @sub/inner 4");
        Files.writeString(cwd.resolve("sub/inner"), "2 3");
        assertEquals(List.of("0", "1", "2", "3", "4", "5"), expand("0", "@sub/outer", "5"));
    }

    @Test
    void expand_emptyFile_leavesNothing() throws IOException {
        Files.createFile(cwd.resolve("empty"));
        assertEquals(List.of("-c"), expand("@empty", "-c", "@empty"));
    }

    @Test
    void expand_absolutePath_isRead() throws IOException {
        Files.writeString(cwd.resolve("absolute"), "-O2");
        assertEquals(List.of("-O2"), expand("@" + cwd.resolve("absolute")));
    }

    @Test
    void expand_whatCannotBeRead_staysAsItIs() throws IOException {
        Files.createDirectory(cwd.resolve("directory"));
        assertEquals(List.of("@missing", "@directory", "@", "@\0"), expand("@missing", "@directory", "@", "@\0"));
    }

    /** What gcc and clang make of a file is asked of them: each word defines a macro, whose value they print. */
    @ParameterizedTest
    @ValueSource(strings = {"gcc", "clang"})
    void split_agreesWithTheCompiler(String compiler) throws IOException, InterruptedException {
        List<String> values = List.of(
                "plain",
                "'single quoted'",
                "\"double quoted\"",
                "back\\ slash",
                "a'b'c\"d\"e",
                "'it\\'s'",
                "\"say \\\"no\\\"\"",
                "\\\\",
                "'\\\\n'",
                "a\\b",
                "'a\"b'",
                "\"a'b\"",
                "''");
        StringBuilder file = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            file.append("-DVALUE_").append(i).append('=').append(values.get(i)).append(i % 2 == 0 ? "\n" : " \t");
        }
        Files.writeString(cwd.resolve("macros"), file);
        Process process = new ProcessBuilder(compiler, "-E", "-dM", "-x", "c", "@macros", "/dev/null")
                .directory(cwd.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("#define VALUE_"))
                .map(line -> line.substring("#define ".length()).strip())
                .sorted()
                .toList();
        assertEquals(true, process.waitFor(20, TimeUnit.SECONDS));

        List<String> ours = new ArrayList<>();
        for (String word : expand("@macros")) {
            ours.add(word.substring("-D".length()).replaceFirst("=", " ").strip());
        }
        assertEquals(printed, ours.stream().sorted().toList());
    }
}
