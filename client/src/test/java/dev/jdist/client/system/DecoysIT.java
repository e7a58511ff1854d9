package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.jdist.client.testing.SourceTree;
import dev.jdist.client.testing.SourcesFarm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Headers on the builder's machine that are not the client's: in the directories of an unpacked toolchain, and where the client's
 * sources would be. No path is answered from them.
 */
@EnabledIfSystemProperty(named = "jdist.sources", matches = "all")
class DecoysIT {
    private static final String DECOY = "#error a decoy was read\n";

    @TempDir
    Path given;

    private SourcesFarm farm;
    private Path work;

    @BeforeEach
    void startFarm() throws IOException, InterruptedException {
        farm = new SourcesFarm(given.toRealPath(), false);
        work = given.toRealPath().resolve("work");
        SourceTree.write(work, """
                --- plain.c
                int plain;
                --- unit.c
                #include <stdio.h>
                #include <stddef.h>
                #include "near.h"
                #include "inc.h"
                #if __has_include(<jdist-decoy.h>) || __has_include("jdist-decoy.h")
                #error a decoy was seen
                #endif
                int unit(void) { return NEAR + INC + EOF + (int)sizeof(size_t); }
                --- near.h
                #define NEAR 1
                --- include/inc.h
                #define INC 2
                """);
    }

    @AfterEach
    void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    /** Where the compilers look for headers. */
    private List<Path> searched(String compiler) throws IOException, InterruptedException {
        List<Path> searched = new ArrayList<>();
        boolean isListed = false;
        for (String line : farm.farm()
                .runProgram(work, List.of(compiler, "-E", "-v", "-xc", "/dev/null"))
                .stderr()
                .split("\n")) {
            isListed = (isListed || line.startsWith("#include <")) && !line.startsWith("End of search");
            if (isListed && line.startsWith(" ")) {
                searched.add(Path.of(line.strip()).normalize());
            }
        }
        assertFalse(searched.isEmpty(), compiler);
        return searched;
    }

    private static void plant(Path tree, String name, String text, List<Path> planted) throws IOException {
        Path file = tree.resolve(name);
        makeDirectory(file.getParent(), Files.getOwner(tree));
        // What a toolchain has is what it has.
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            planted.add(Files.setOwner(Files.writeString(file, text), Files.getOwner(tree)));
        }
    }

    private static void makeDirectory(Path directory, UserPrincipal owner) throws IOException {
        if (!Files.exists(directory)) {
            makeDirectory(directory.getParent(), owner);
            Files.setOwner(Files.createDirectory(directory), owner);
        }
    }

    private void plantIn(Path tree, List<Path> directories, List<Path> planted) throws IOException {
        for (Path directory : directories) {
            String there = directory.toString().substring(1) + "/";
            for (String name : List.of(
                    "jdist-decoy.h",
                    "stdio.h",
                    "stddef.h",
                    "near.h",
                    "inc.h",
                    "features.h",
                    "bits/types.h",
                    "stdc-predef.h")) {
                plant(tree, there + name, DECOY, planted);
            }
        }
        String sources = work.toString().substring(1) + "/";
        for (String name : List.of(
                "unit.c",
                "near.h",
                "stdio.h",
                "jdist-decoy.h",
                "inc.h",
                "include/inc.h",
                "include/stdio.h",
                "near.h.gch")) {
            plant(tree, sources + name, DECOY, planted);
        }
        // Without a word of the command line, gcc looks for these.
        plant(tree, "usr/lib/gcc/x86_64-linux-gnu/12/specs", "*cc1_options:\n-DNEAR=7\n", planted);
        plant(tree, "usr/bin/clang.cfg", "-DNEAR=7\n", planted);
    }

    @Test
    void decoysOnTheBuilder_areNeverSeen() throws Exception {
        List<Path> directories = new ArrayList<>();
        for (String compiler : List.of("gcc", "clang")) {
            assertEquals(
                    0, farm.behind(work, "$CC -c plain.c", compiler).result().code());
            directories.addAll(searched(compiler));
        }
        directories.add(work.resolve("not-here"));
        assertEquals(2, farm.compiledBySources(), () -> "a toolchain is not there");
        List<Path> planted = new ArrayList<>();
        try (Stream<Path> trees = Files.list(farm.farm().buildDirectory(0).resolve("toolchains"))) {
            for (Path tree :
                    trees.filter(tree -> Files.isDirectory(tree.resolve("usr"))).toList()) {
                plantIn(tree, directories, planted);
            }
        }
        assertFalse(planted.size() < 30, planted.toString());

        for (String compiler : List.of("gcc", "clang")) {
            for (String command : List.of(
                    "$CC -g -MD -Inot-here -Iinclude -c unit.c -o unit.o",
                    "$CC -O2 -MD -Iinclude -iquote not-here -c $PWD/unit.c -o unit.o")) {
                assertEquals(farm.alone(work, command, compiler), farm.behind(work, command, compiler), command);
            }
        }
        assertEquals(6, farm.compiledBySources(), () -> String.valueOf(reasons()));
        for (Path decoy : planted) {
            assertEquals(true, Files.exists(decoy), () -> decoy + " is gone: nothing was tested");
        }
    }

    private List<String> reasons() {
        try {
            return farm.reasons();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }
}
