package dev.jdist.client.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A generated project of C and C++ with a Makefile, for builds that are to take a while or to be interrupted. A unit takes
 * the compiler some tenths of a second.
 */
public final class SampleProject {
    private final Path directory;
    private final int units;
    private Map<String, byte[]> madeAlone = Map.of();

    private SampleProject(Path directory, int units) {
        this.directory = directory;
        this.units = units;
    }

    /** Writes a project of this many translation units, every other of them C++. */
    public static SampleProject create(Path directory, int units) throws IOException {
        Files.createDirectories(directory.resolve("include"));
        Files.createDirectories(directory.resolve("src/deep"));
        Files.writeString(directory.resolve("include/common.h"), """
                #pragma once
                #include <stdio.h>
                #include <string.h>
                #define SQUARE(x) ((x) * (x))
                static inline int scaled(int n) { return SQUARE(n) + __LINE__; }
                """);
        StringBuilder objects = new StringBuilder();
        for (int i = 0; i < units; i++) {
            boolean plusplus = i % 2 == 1;
            String name = "src/" + (i % 3 == 0 ? "deep/" : "") + "unit" + i;
            Files.writeString(directory.resolve(name + (plusplus ? ".cpp" : ".c")), plusplus ? cxx(i) : c(i));
            objects.append(" ").append(name).append(".o");
        }
        Files.writeString(directory.resolve("Makefile"), """
                CC = gcc
                CXX = g++
                CFLAGS = -O2 -Wall -Iinclude -MD -MP
                CXXFLAGS = -O2 -Wall -std=c++17 -Iinclude -MMD
                OBJECTS =%s
                all: $(OBJECTS)
                %%.o: %%.c
                \t$(CC) $(CFLAGS) -c $< -o $@
                %%.o: %%.cpp
                \t$(CXX) $(CXXFLAGS) -c -o $@ $<
                """.formatted(objects));
        return new SampleProject(directory, units);
    }

    private static String c(int i) {
        StringBuilder text = new StringBuilder("#include \"common.h\"\n");
        for (int f = 0; f < 40; f++) {
            text.append("int c_%d_%d(const char *s) { return scaled((int)strlen(s) * %d) + %d; }\n"
                    .formatted(i, f, f + 1, i));
        }
        return text.append("const char *where_%d(void) { return __FILE__; }\n".formatted(i))
                .toString();
    }

    private static String cxx(int i) {
        return """
        #include "common.h"
        #include <vector>
        namespace {
        struct Shape { virtual ~Shape() = default; virtual int area() const { return %1$d; } };
        struct Box : Shape { int area() const override { return scaled(%1$d); } };
        }
        int cxx_%1$d(const std::vector<int> &areas) {
            std::vector<int> odd;
            for (int area : areas) if (area %% 2 == 1) odd.push_back(area);
            Box box;
            return odd.empty() ? box.area() : odd.front();
        }
        """.formatted(i);
    }

    public Path directory() {
        return directory;
    }

    public int units() {
        return units;
    }

    /** The words of a make that builds it, {@code jobs} at a time, with these variables. */
    public List<String> make(int jobs, String cc, String cxx) {
        return List.of("make", "-k", "-j" + jobs, "CC=" + cc, "CXX=" + cxx);
    }

    /** Builds it with the compilers alone, takes note of what they leave, and removes it. */
    public void buildAlone(String cc, String cxx) throws IOException, InterruptedException {
        Process make = new ProcessBuilder(make(4, cc, cxx))
                .directory(directory.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertEquals(0, make.waitFor());
        madeAlone = outputs();
        clean();
    }

    /** What a build left: object and dependency files by name. A build may be running: what comes and goes is not there. */
    public Map<String, byte[]> outputs() throws IOException {
        Map<String, byte[]> outputs = new TreeMap<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (file.toString().endsWith(".o") || file.toString().endsWith(".d")) {
                    try {
                        outputs.put(directory.relativize(file).toString(), Files.readAllBytes(file));
                    } catch (NoSuchFileException e) {
                        return FileVisitResult.CONTINUE;
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        return outputs;
    }

    public void clean() throws IOException {
        for (String name : outputs().keySet()) {
            Files.delete(directory.resolve(name));
        }
    }

    /** Compares what a build left with what the compilers alone do, file by file. */
    public void assertSameAsAlone() throws IOException {
        Map<String, byte[]> actual = outputs();
        assertFalse(madeAlone.isEmpty(), "there is nothing to compare with");
        assertEquals(madeAlone.keySet(), actual.keySet());
        madeAlone.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));
    }
}
