package dev.jdist.client.inputs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jdist.client.compiler.Language;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreprocessedSourceTest {
    @TempDir
    private Path directory;

    private PreprocessedSource text(String content) throws IOException {
        Path file = directory.resolve("text.i");
        Files.writeString(file, content);
        return PreprocessedSource.read(file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".incbin \"blob\"",
                "  .incbin\t\"blob\", 4, 8",
                ".INCBIN \"blob\"",
                "label: .include \"more.s\"",
                "asm(\".incbin \\\"blob\\\"\");",
                "asm(\"nop\\n.incbin \\\"blob\\\"\");",
                "asm(\"nop\\n\\t.include \\\"blob\\\"\");",
                "asm(\".incbin \" \"\\\"blob\\\"\");",
                "asm(R\"(.incbin \"blob\")\");",
                ".macro take file\n.incbin \\file\n.endm",
            })
    void directiveThatReadsAFile_isANeed(String content) throws IOException {
        assertEquals(
                Optional.of("the assembler's .incbin or .include"),
                text("int x;\n" + content + "\n").outsideNeed(Language.C, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                ".incbi",
                ".incbin",
                "s.include = 1;",
                "p->x.include(\"a\");",
                "(*p).include = 2;",
                "\"my.include\"",
                "\"dir/no-.include \\\"x\\\"\"",
                "\".include_dir\"",
                "x.incbins \"y\"",
                " #pragma GCC pch_preprocess \"x\"",
                "#pragma GCC diagnostic push",
            })
    void whatOnlyLooksLikeOne_isNone(String content) throws IOException {
        assertEquals(Optional.empty(), text(content).outsideNeed(Language.C, false));
    }

    @Test
    void precompiledHeader_isANeed() throws IOException {
        assertEquals(
                Optional.of("a precompiled header"),
                text("# 1 \"a.c\"\n#pragma GCC pch_preprocess \"all.h.gch\"\n").outsideNeed(Language.C, false));
    }

    @Test
    void sources_areTheFilesOfTheLineMarkers() throws IOException {
        PreprocessedSource text = text("""
                # 0 "src/a.c"
                # 1 "/work//"
                # 0 "<built-in>"
                # 0 "<command-line>"
                # 1 "/usr/include/stdc-predef.h" 1 3 4
                # 1 "src/a.c" 2
                # 1 "src/../inc/h.h" 1
                int x; # 7 "no/marker.h"
                #pragma once "no/pragma.h"
                # 12
                #line 4 "no/line.h"
                # 3 "with space.h" 2
                """);
        assertEquals(
                List.of(
                        Path.of("/work/src/a.c"),
                        Path.of("/usr/include/stdc-predef.h"),
                        Path.of("/work/src/../inc/h.h"),
                        Path.of("/work/with space.h")),
                List.copyOf(text.sources(Path.of("/work"))));
    }

    @Test
    void sources_escapedNames_areUnderstood() throws IOException {
        PreprocessedSource text = text("""
                # 1 "quo\\"te\\\\back.h"
                # 1 "caf\\303\\251/\\351\\233\\252.h"
                # 1 "café.h"
                """);
        assertEquals(
                Set.of(Path.of("/w/quo\"te\\back.h"), Path.of("/w/café/雪.h"), Path.of("/w/café.h")),
                text.sources(Path.of("/w")));
    }

    @Test
    void sources_unknownEscape_isAnError() throws IOException {
        PreprocessedSource text = text("# 1 \"a\\x41.h\"\n");
        assertThrows(IOException.class, () -> text.sources(directory));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "#", "# ", "# 1", "# 1 ", "# 1 \"", "# 1 \"a\\", "# 1 \"a\\30", "\n# 1 \"\n# 2 \"\"\n"})
    void sources_textThatBreaksOff_endsWithoutReadingOn(String content) throws IOException {
        PreprocessedSource text = text(content);
        try {
            assertEquals(Set.of(), text.sources(directory));
        } catch (IOException e) {
            assertEquals("a line marker contains a name with an unknown escape sequence", e.getMessage());
        }
    }

    /** The names that real compilers print for a file with all that makes names hard. */
    @ParameterizedTest
    @ValueSource(strings = {"gcc", "clang"})
    void sources_ofARealPreprocessor_areAllThere(String compiler) throws IOException, InterruptedException {
        Path hard = Files.createDirectory(directory.resolve("café \"q\" \\b"));
        Path source = Files.writeString(hard.resolve("é.c"), "#include \"h h.h\"\n#include <stddef.h>\nint x;\n");
        Path header = Files.writeString(hard.resolve("h h.h"), "int y;\n");
        Path printed = directory.resolve("printed");
        ProcessBuilder builder = new ProcessBuilder(
                        compiler, "-g", "-E", directory.relativize(source).toString())
                .directory(directory.toFile())
                .redirectOutput(printed.toFile());
        builder.environment().put("LC_ALL", "C");
        assertEquals(0, builder.start().waitFor());

        Set<Path> sources = PreprocessedSource.read(printed).sources(directory);
        assertEquals(
                Set.of(source, header),
                Set.copyOf(sources.stream()
                        .filter(path -> path.startsWith(directory))
                        .toList()));
        assertEquals(
                List.of(),
                sources.stream().filter(path -> !Files.isRegularFile(path)).toList());
        assertEquals(
                1, sources.stream().filter(path -> path.endsWith("stddef.h")).count());
    }

    /** Half a gigabyte of text is rare, some tens of megabytes are not. */
    @Test
    void largeText_isReadInLinearTime() throws IOException {
        String line = "# 1 \"dir/header.h\" 1\nstatic inline int function(struct s *p) { return p->x . y; }\n";
        Path file = directory.resolve("large.i");
        Files.write(file, line.repeat(200_000).getBytes(StandardCharsets.US_ASCII));
        PreprocessedSource text = PreprocessedSource.read(file);
        assertEquals(Optional.empty(), text.outsideNeed(Language.C, false));
        assertEquals(Set.of(Path.of("/w/dir/header.h")), text.sources(Path.of("/w")));
    }
}
