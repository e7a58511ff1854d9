package dev.jdist.client.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The sources that the command lines in {@code command-lines.txt} speak of, laid out afresh for each run in one place. */
public final class CommandLineProject {
    private static final Map<String, String> FILES = Map.ofEntries(
            Map.entry(
                    "near.h",
                    "#pragma once\n#define NEAR 1\n#ifndef __ASSEMBLER__\nstruct near { int a; long b; };\n#endif\n"),
            Map.entry("include/inc.h", "#ifndef INC_H\n#define INC_H\n#define FROM_INC 2\n#endif\n"),
            Map.entry("include/both.h", "#include_next <both.h>\n#define BOTH (1 + SYS_BOTH)\n"),
            Map.entry("sys/sys.h", "typedef unsigned long from_sys;\nstatic int unused_but_of_the_system(void);\n"),
            Map.entry("sys/both.h", "#define SYS_BOTH 40\n"),
            Map.entry("after/after.h", "#define AFTER 1\n"),
            Map.entry("quote/quoted.h", "#define QUOTED 1\n"),
            Map.entry("first.h", "#ifndef FIRST_H\n#define FIRST_H\nint first(int);\n#endif\n"),
            Map.entry("takes-in.c", "const char bytes[] = {\n#embed \"data.bin\"\n};\n"),
            Map.entry("asks-for.c", "#if __has_embed(\"data.bin\") == 2\nint empty;\n#else\nint full;\n#endif\n"),
            Map.entry("macros.h", "#define MORE 5\n#define OTHER 6\n"),
            Map.entry("warning.h", "static int in_header(int x) { int unused_in_header = x; return 0; }\n"),
            Map.entry("unit.c", """
                    #include "near.h"
                    #if __has_include("inc.h")
                    #include "inc.h"
                    #endif
                    #if __has_include(<sys.h>)
                    #include <sys.h>
                    #endif
                    #if __has_include("quoted.h")
                    #include "quoted.h"
                    #endif
                    #define STRING(x) #x
                    #define STRING_OF(x) STRING(x)
                    #ifdef NAME
                    long named = NAME;
                    #endif
                    #ifdef TEXT
                    const char *text = STRING_OF(TEXT) STRING_OF(TEXT2);
                    #endif
                    #ifdef MORE
                    int more = MORE;
                    #endif
                    const char *where(void) { return __FILE__ " é $"; }
                    static inline int twice(int x) { return 2 * x; }
                    int f(int x, struct near *n) {
                        for (int i = 0; i < x; i++) {
                            x += twice(i) + __LINE__;
                            n->a += i;
                        }
                        return x + (int)n->b;
                    }
                    """),
            Map.entry("unit.cpp", """
                    #include "near.h"
                    #include <cstddef>
                    namespace { template <class T> T add(T a, T b) { return a + b + NEAR; } }
                    struct Shape { virtual ~Shape() {} virtual int area() const; };
                    int Shape::area() const { return add(1, 2); }
                    std::size_t size_of_shape() { return sizeof(Shape); }
                    """),
            Map.entry("two words.c", "int two(void) { return __LINE__; }\n"),
            Map.entry("ünit.c", "#include \"near.h\"\nint umlaut(void) { return NEAR; }\n"),
            Map.entry("sub/deep.c", "#include \"../near.h\"\n#include \"beside.h\"\nint deep = NEAR + BESIDE;\n"),
            Map.entry("sub/beside.h", "#define BESIDE 3\n"),
            Map.entry("system.c", "#include <stdio.h>\n#include <stdlib.h>\nint of_the_system;\n"),
            Map.entry("main.c", "int main(void) { return 0; }\n"),
            Map.entry("plain.c", "int plain(int x) { return x ? x * 3 : 2; }\n"),
            Map.entry("includes-first.c", "#include \"first.h\"\nint g(void) { return first(1); }\n"),
            Map.entry("has.c", """
                    #if __has_include("after.h")
                    int after = 1;
                    #endif
                    #if __has_include(<none.h>)
                    int none = 1;
                    #endif
                    int has;
                    """),
            Map.entry("computed.c", """
                    #define NAME_OF_HEADER "near.h"
                    #include NAME_OF_HEADER
                    #define NAME_OF_NONE "none.h"
                    #if __has_include(NAME_OF_NONE)
                    int none;
                    #endif
                    int computed = NEAR;
                    """),
            Map.entry("next.c", "#include <both.h>\nint both = BOTH;\n"),
            Map.entry("counter.c", "int c(void) { return __COUNTER__ + 10 * __COUNTER__; }\nint d = __COUNTER__;\n"),
            Map.entry("lines.c", "#line 100 \"generated.y\"\nint line = __LINE__;\nconst char *file = __FILE__;\n"),
            Map.entry("trigraphs.c", "const char *trigraph = \"?\" \"?(\" \"??(\";\n"),
            Map.entry("missing-header.c", "#include \"nowhere.h\"\n"),
            Map.entry("warns.c", """
                    int *p(void) { int local = 1; return &local; }
                    int w(int x, unsigned y) {
                        int unused = x;
                        if (x < y) { return 1; }
                    }
                    """),
            Map.entry("warns-in-header.c", "#include \"warning.h\"\nint w(void) { int unused; return 1; }\n"),
            Map.entry("preprocessor-warns.c", "#warning \"be warned\"\nint w;\n"),
            Map.entry("broken.c", "#include \"near.h\"\nint broken( { return NEAR; }\n"),
            Map.entry("clock.c", "unsigned long size = sizeof(__TIME__) + sizeof(__DATE__);\n"),
            Map.entry("date.c", "const char *date = __DATE__;\n"),
            Map.entry("timestamp.c", "const char *timestamp = __TIMESTAMP__;\n"),
            Map.entry("clock-in-comment.c", "/* Nobody uses __TIME__ here. */\nint quiet;\n"),
            Map.entry("date.h", "#define DAY __DATE__\n"),
            Map.entry("date-in-header.c", "#include \"date.h\"\nint undated;\n"),
            Map.entry("data.bin", "data"),
            Map.entry("of-process.c", "#include \"/dev/fd/3\"\nint of_process;\n"),
            Map.entry("embed.c", "__asm__(\".section .rodata\\n.incbin \\\"data.bin\\\"\\n.text\");\nint embedding;\n"),
            Map.entry("embed.S", ".section .rodata\n.incbin \"data.bin\"\n"),
            Map.entry("embed-split.c", "__asm__(\".section .rodata\\n.inc\" \"bin \\\"data.bin\\\"\\n.text\");\n"),
            Map.entry("embed-attribute.c", """
                    int a __attribute__((section(".data\\n.inc" "bin \\"data.bin\\"\\n#")));
                    """),
            Map.entry("embed-pasted.c", """
                    #define S(x) #x
                    #define X(x) S(x)
                    #define J(a, b) a##b
                    __asm__(".section .rodata\\n." X(J(inc, bin)) " \\"data.bin\\"\\n.text");
                    """),
            Map.entry(
                    "embed-pasted.h",
                    "#define EMBED(what) __asm__(\".section .rodata\\n.inc\" what \" \\\"data.bin\\\"\\n.text\")\n"),
            Map.entry("embed-from-header.c", "#include \"embed-pasted.h\"\nEMBED(\"bin\");\n"),
            Map.entry("embed-macro.c", """
                    __asm__(".macro embed what\\n.inc\\\\what \\"data.bin\\"\\n.endm");
                    __asm__(".section .rodata\\nembed bin\\n.text");
                    """),
            Map.entry(
                    "embed-macro.S",
                    ".macro embed what\n.inc\\what \"data.bin\"\n.endm\n.section .rodata\nembed bin\n"),
            Map.entry("embed-macro.s", ".irp what, bin\n.section .rodata\n.inc\\what \"data.bin\"\n.endr\n"),
            Map.entry("asm-macros.c", """
                    #define OPERATION(name) __asm__ volatile (name " $1, %0" : "+r" (x))
                    #define BARRIER "" ::: "memory"
                    int operate(int x) { OPERATION("addl"); __asm__(BARRIER); return x; }
                    """),
            Map.entry("macros.S", """
                    .macro store reg, size
                    \\size \\reg
                    .endm
                    .data
                    store 1, .long
                    """),
            Map.entry("clock-pasted.c", """
                    #include "paste.h"
                    unsigned long size = sizeof(PASTE(__TI, ME__));
                    unsigned long more = sizeof(UNDERLINED(TIMESTAMP));
                    """),
            Map.entry("clock-in-pieces.c", "#include \"paste.h\"\nunsigned long size = sizeof(UNDERLINED(TIME));\n"),
            Map.entry("paste.h", "#define PASTE(a, b) a##b\n#define UNDERLINED(a) __##a##__\n"),
            Map.entry("embed.s", ".section .rodata\n.incbin \"data.bin\"\n"),
            Map.entry("sentence.c", "/* Not to be confused with .include, and not .incbinary. */\nint sentence;\n"),
            Map.entry("start.S", """
                    #include "near.h"
                    .globl entry
                    entry:
                        mov $NEAR, %eax
                        ret
                    """),
            Map.entry("plain.s", ".globl plain\nplain:\n  ret\n"),
            Map.entry("fall.c", """
                    int fall(int x) {
                        switch (x) {
                            case 1: x += 2; /* fall through */
                            case 2: x += 3;
                        }
                        return x;
                    }
                    """),
            Map.entry("text.txt", "int text;\n"),
            Map.entry("done.i", "# 1 \"done.c\"\nint done(void) { return 1; }\n"),
            Map.entry("objc.m", "#include \"near.h\"\nint objc(id x) { return x == (id)0 ? NEAR : 0; }\n"),
            Map.entry("ignore.txt", "fun:f\n"),
            Map.entry("samples.txt", "plain:10:10\n 0: 10\n"),
            Map.entry("arguments", "-c -O2\nunit.c -o out/unit.o\n"),
            Map.entry("nested", "-O1 @more"),
            Map.entry("more", "-DNAME=3\tunit.c"),
            Map.entry("quoted", "-DNAME=4 '-DTEXT=a b' \"-DTEXT2=c \\\"d\\\"\"\n"));

    /** What timestamps of sources say; anything but the time of a run. */
    private static final Instant WRITTEN = Instant.parse("2024-05-06T07:08:09Z");

    private final Path master;
    private final Path place;
    private final Map<String, Artifact> sources;

    /** @param directory that is to hold the sources, and the place where they are compiled */
    CommandLineProject(Path directory) throws IOException {
        this.master = directory.resolve("sources");
        this.place = directory.resolve("place");
        Files.createDirectories(master.resolve("out"));
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            Path path = master.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
            Files.setLastModifiedTime(path, FileTime.from(WRITTEN));
        }
        sources = files(master);
    }

    private CommandLineProject(CommandLineProject other, Path place) {
        this.master = other.master;
        this.place = place;
        this.sources = other.sources;
    }

    /** The same sources, to be compiled in another directory. */
    CommandLineProject elsewhere() {
        return new CommandLineProject(this, place.resolveSibling("elsewhere").resolve("place"));
    }

    /** Where the command lines run. */
    public Path place() {
        return place;
    }

    /**
     * Makes the place hold the sources and nothing else. All of them are older than whatever comes next.
     *
     * @param edits what some of them hold instead, by name
     */
    public void layOut(Map<String, String> edits) throws IOException, InterruptedException {
        removeTree(place);
        Files.createDirectories(place.getParent());
        try (Stream<Path> files = Files.walk(master)) {
            for (Path file : files.toList()) {
                Files.copy(file, place.resolve(master.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        for (Map.Entry<String, String> edit : edits.entrySet()) {
            Files.writeString(place.resolve(edit.getKey()), edit.getValue());
        }
        awaitNextTick(master.resolveSibling("tick"));
    }

    /** Waits until the clock of the file system has moved on. */
    private static void awaitNextTick(Path probe) throws IOException, InterruptedException {
        Files.write(probe, new byte[0]);
        FileTime before = Files.getLastModifiedTime(probe);
        while (Files.getLastModifiedTime(probe).equals(before)) {
            TimeUnit.MILLISECONDS.sleep(1);
            Files.write(probe, new byte[0]);
        }
    }

    private static void removeTree(Path root) throws IOException {
        if (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** A file that a run left: bytes are compared, and named by their checksum where they differ. */
    public record Artifact(String mode, byte[] content) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Artifact artifact
                    && mode.equals(artifact.mode)
                    && Arrays.equals(content, artifact.content);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(content);
        }

        @Override
        public String toString() {
            return mode + " " + content.length + " octets #" + Integer.toHexString(Arrays.hashCode(content));
        }
    }

    /** All files in the place but the sources as they were, by name. */
    public Map<String, Artifact> artifacts() throws IOException {
        Map<String, Artifact> artifacts = files(place);
        sources.forEach(artifacts::remove);
        return artifacts;
    }

    private static Map<String, Artifact> files(Path directory) throws IOException {
        Map<String, Artifact> artifacts = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                artifacts.put(
                        directory.relativize(file).toString(),
                        new Artifact(
                                PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
                                Files.readAllBytes(file)));
            }
        }
        return artifacts;
    }
}
