package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.CacheKeyOptions.Dependencies;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ConfigurationFiles;
import dev.jdist.client.compiler.Language;
import dev.jdist.client.compiler.ParsedCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Reads the configuration files of clang: see "Configuration files" in its manual. */
final class ClangConfiguration {
    private static final int MAX_DEPTH = 10;
    private static final int MAX_BYTES = 1 << 20;

    private ClangConfiguration() {}

    /** @param found in the order in which clang reads them */
    static ConfigurationFiles read(List<Path> found) throws IOException {
        Set<Path> files = new LinkedHashSet<>();
        List<String> options = new ArrayList<>();
        for (Path file : found) {
            read(file, files, options, 0);
        }
        return new ConfigurationFiles(List.copyOf(files), options, arePlain(options));
    }

    private static void read(Path file, Set<Path> files, List<String> options, int depth) throws IOException {
        if (depth > MAX_DEPTH || Files.size(file) > MAX_BYTES) {
            throw new IOException("the configuration file " + file + " is too large or includes itself");
        }
        files.add(file);
        StringBuilder text = new StringBuilder();
        for (String line : Files.readString(file, StandardCharsets.UTF_8)
                .replace("\\\n", " ")
                .split("\n")) {
            if (!line.strip().startsWith("#")) {
                text.append(line).append('\n');
            }
        }
        String directory =
                Objects.requireNonNull(file.toAbsolutePath().getParent()).toString();
        for (String word : ResponseFiles.split(text.toString(), CompilerKind.CLANG)) {
            String option = word.replace("<CFGDIR>", directory);
            if (option.startsWith("@")) {
                read(file.resolveSibling(option.substring(1)), files, options, depth + 1);
            } else {
                options.add(option);
            }
        }
    }

    static boolean arePlain(List<String> options) {
        if (options.isEmpty()) {
            return true;
        }
        List<String> line = new ArrayList<>(options);
        line.addAll(List.of("-c", "a.c"));
        Compiler clang = new Compiler(CFamily.INSTANCE, CompilerKind.CLANG, Path.of("clang"), false, "", "");
        if (!(CommandLineParser.parse(clang, line, Path.of("/"), Map.of()) instanceof ParsedCommand.Compile compile)
                || compile.localOnly().isPresent()) {
            return false;
        }
        CUnit unit = (CUnit) compile.unit();
        CKeyOptions arguments = unit.caching();
        return unit.outputs().size() == 1
                && unit.language() == Language.C
                && unit.color() == ColorMode.UNSAID
                && arguments.dependencies() == Dependencies.NONE
                && arguments.forcedIncludes().isEmpty()
                && arguments.inputFiles().isEmpty()
                && arguments.profiles().isEmpty()
                && arguments.namesAreFiles()
                && !arguments.namesDirectory()
                && !arguments.mentionsClock()
                && !arguments.heedsComments()
                && !arguments.isForThisMachine()
                && !arguments.recordsArguments();
    }
}
