package dev.jdist.client.cache;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Two sources and a heap of headers that shadow each other, for edits at random: whatever an editor, a package manager or git
 * does to files, and some things that nobody does. The headers in {@code sys} come back soon when they are lost, by way
 * of a link to it, so that most compiles succeed.
 */
public final class EditedTree {
    private static final List<String> DIRECTORIES = List.of("src", "quote", "inc1", "inc2", "env", "late");
    private static final List<String> NAMES =
            List.of("one.h", "two.h", "sub/three.h", "opt.h", "macro.h", "next.h", "forced.h");

    private final Path root;
    private final Random random;
    /** What paths once held. */
    private final Map<Path, List<String>> history = new HashMap<>();

    EditedTree(Path root, Random random) throws IOException {
        this.root = root;
        this.random = random;
        for (String directory : List.of("src", "quote", "inc1", "inc2", "env", "sys", "out")) {
            Files.createDirectories(root.resolve(directory));
        }
        for (String name : NAMES) {
            write(root.resolve("sys").resolve(name), header(name, "sys"));
        }
        write(root.resolve("src/a.c"), source("c"));
        write(root.resolve("src/b.cpp"), source("cpp"));
    }

    Path root() {
        return root;
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private String source(String language) {
        return """
                /* %d */
                #include "one.h"
                #include <two.h>
                #if __has_include("opt.h") && %d
                #include "opt.h"
                #endif
                #define MACRO %s
                #include MACRO
                #ifdef FLAG
                int flag = FLAG;
                #endif
                int f(int n) { int unused%d; return n + ONE + TWO + THREE + sizeof "%s"; }
                """.formatted(
                        random.nextInt(10),
                        random.nextInt(2),
                        chance(50) ? "\"macro.h\"" : "<macro.h>",
                        random.nextInt(10),
                        language);
    }

    /** A header that defines its macro, whichever of its name it is. */
    private String header(String name, String directory) {
        String macro = name.replaceAll(".*/|\\.h$", "").toUpperCase(java.util.Locale.ROOT);
        StringBuilder text = new StringBuilder("// %s %d\n".formatted(chance(50) ? directory : "", random.nextInt(10)));
        boolean next = !directory.equals("sys") && chance(15);
        if (next) {
            text.append("#include_next <%s>\n#undef %s\n".formatted(name, macro));
        } else if (chance(40)) {
            text.append("#pragma once\n");
        } else {
            text.append("#ifndef %1$s_H\n#define %1$s_H\n".formatted(macro));
        }
        boolean closed = !text.toString().contains("#ifndef");
        if (name.equals("one.h") && chance(70)) {
            text.append(any(List.of(
                    "#include \"sub/three.h\"\n",
                    "#include <sub/three.h>\n",
                    "#include \"next.h\"\n#include <sub/three.h>\n")));
        }
        if (name.equals("two.h") && chance(40)) {
            text.append("#if defined(__has_include) && __has_include(<opt.h>)\n#include <opt.h>\n#endif\n");
        }
        if (name.startsWith("sub/") && chance(30)) {
            text.append("#include \"../two.h\"\n");
        }
        text.append("#define %s %d\n".formatted(macro, random.nextInt(10)));
        text.append(any(List.of(
                "",
                "",
                "static int %s_unused;\n".formatted(macro),
                "static const char *%s_file = __FILE__;\n".formatted(macro),
                "static int %s_line = __LINE__; /* %d */\n".formatted(macro, random.nextInt(10)),
                "static const char *%s_when = __TIMESTAMP__ __DATE__;\n".formatted(macro),
                "#warning %d\n".formatted(random.nextInt(10)),
                "static void %s_run(int n) { switch (n) { case 1: n++; /* fall through */ case 2: n--; } }\n"
                        .formatted(macro))));
        if (!name.equals("one.h") && !name.equals("two.h")) {
            return text.append(closed ? "" : "#endif\n").toString();
        }
        return text.append("#ifndef THREE\n#define THREE 0\n#endif\n#ifndef TWO\n#define TWO 0\n#endif\n")
                .append(closed ? "" : "#endif\n")
                .toString();
    }

    private void write(Path file, String text) throws IOException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            removeTree(file);
        }
        if (!Files.isDirectory(file.getParent())) {
            Files.deleteIfExists(file.getParent());
        }
        Files.createDirectories(file.getParent());
        if (Files.isSymbolicLink(file) && !Files.exists(file)) {
            Files.delete(file);
        }
        Files.writeString(file, text);
        history.computeIfAbsent(file, key -> new ArrayList<>()).add(text);
    }

    /** Changes something; says what. */
    String edit() throws IOException {
        List<String> lost = NAMES.stream()
                .filter(header -> !Files.isRegularFile(root.resolve("sys").resolve(header)))
                .toList();
        if (!lost.isEmpty() && chance(40)) {
            for (String header : lost) {
                write(root.resolve("sys").resolve(header), header(header, "sys"));
            }
            return "brought back " + lost;
        }
        String name = any(NAMES);
        String directory = any(DIRECTORIES);
        Path file = root.resolve(directory).resolve(name);
        return switch (random.nextInt(16)) {
            case 0, 1 -> rewritten(file, header(name, directory));
            case 2 -> rewritten(root.resolve("sys").resolve(name), header(name, "sys"));
            case 3 -> rewritten(root.resolve(chance(50) ? "src/a.c" : "src/b.cpp"), source(any(List.of("c", "cpp"))));
            case 4, 5 -> sameLength(existing());
            case 6 -> changedBack();
            case 7 -> touched(existing());
            case 8, 9 -> removed(file);
            case 10 -> renamed(file, root.resolve(any(DIRECTORIES)).resolve(name));
            case 11 ->
                linked(file, root.resolve(any(List.of("sys", "inc2", "quote"))).resolve(name));
            case 12 -> madeDirectory(file);
            case 13 -> directoryMoved(root.resolve(any(List.of("quote", "inc1", "inc2", "env", "late"))));
            case 14 -> directoryLinked(root.resolve(any(List.of("inc1", "late"))), any(List.of("inc2", "sys", "src")));
            default -> replacedKeepingTimes(existing());
        };
    }

    private Path existing() throws IOException {
        List<Path> files = new ArrayList<>();
        try (var found = Files.walk(root)) {
            found.filter(Files::isRegularFile)
                    .filter(file -> file.toString().matches(".*\\.(h|c|cpp)"))
                    .forEach(files::add);
        }
        files.sort(null);
        return any(files);
    }

    private String rewritten(Path file, String text) throws IOException {
        write(file, text);
        return "wrote " + file;
    }

    private String sameLength(Path file) throws IOException {
        String text = Files.readString(file);
        Files.writeString(file, digitsTurned(text));
        return "changed digits in " + file;
    }

    private String digitsTurned(String text) {
        char from = (char) ('0' + random.nextInt(10));
        char to = (char) ('0' + random.nextInt(10));
        return text.replace(from, to);
    }

    private String changedBack() throws IOException {
        List<Path> files = new ArrayList<>(history.keySet());
        files.sort(null);
        Path file = any(files);
        write(file, any(history.get(file)));
        return "changed back " + file;
    }

    private String touched(Path file) throws IOException {
        Instant time = any(List.of(
                Instant.now(),
                Instant.EPOCH.plusSeconds(1_000_000_000),
                Instant.now().plus(Duration.ofDays(1))));
        Files.setLastModifiedTime(file, FileTime.from(time));
        return "touched " + file + " " + time;
    }

    private String removed(Path file) throws IOException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            removeTree(file);
        } else {
            Files.deleteIfExists(file);
        }
        return "removed " + file;
    }

    private String renamed(Path from, Path to) throws IOException {
        if (!Files.exists(from) || Files.isDirectory(to) || !Files.isDirectory(to.getParent()) || from.equals(to)) {
            return "renamed nothing";
        }
        Files.move(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        return "renamed " + from + " to " + to;
    }

    private String linked(Path link, Path target) throws IOException {
        if (link.equals(target) || !Files.isDirectory(link.getParent()) || Files.isDirectory(link)) {
            return "linked nothing";
        }
        Files.deleteIfExists(link);
        if (chance(50)) {
            Files.createSymbolicLink(link, target);
            return "linked " + link + " to " + target;
        }
        if (Files.isRegularFile(target)) {
            Files.createLink(link, target.toRealPath());
            return "linked " + link + " hard to " + target;
        }
        return "removed " + link;
    }

    private String madeDirectory(Path directory) throws IOException {
        removed(directory);
        if (!Files.isDirectory(directory.getParent())) {
            Files.deleteIfExists(directory.getParent());
        }
        Files.createDirectories(directory);
        return "made the directory " + directory;
    }

    /** Away if it is there, back if it is not. */
    private String directoryMoved(Path directory) throws IOException {
        Path away = directory.resolveSibling(directory.getFileName() + ".away");
        if (Files.isSymbolicLink(directory)) {
            Files.delete(directory);
        }
        if (Files.exists(away, LinkOption.NOFOLLOW_LINKS)) {
            if (Files.exists(directory)) {
                removeTree(directory);
            }
            Files.move(away, directory);
            return "moved back " + directory;
        }
        if (Files.exists(directory)) {
            Files.move(directory, away);
        }
        return "moved away " + directory;
    }

    private String directoryLinked(Path link, String target) throws IOException {
        removed(link);
        Files.createSymbolicLink(link, Path.of(target));
        return "linked the directory " + link + " to " + target;
    }

    /** As {@code cp -p} and {@code tar} do: another file, other content, the old time. */
    private String replacedKeepingTimes(Path file) throws IOException {
        FileTime time = Files.getLastModifiedTime(file);
        Path fresh = root.resolve("fresh");
        Files.writeString(fresh, digitsTurned(Files.readString(file)));
        Files.setLastModifiedTime(fresh, time);
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        return "replaced " + file + " with the old time";
    }

    static void removeTree(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
