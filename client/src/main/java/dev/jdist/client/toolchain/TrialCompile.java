package dev.jdist.client.toolchain;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.CompilerVariable;
import dev.jdist.client.toolchain.ChrootRunner.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles a line of C or C++ from an archive, where nothing else of this machine is to be found, as on a builder. Where a
 * machine allows no such thing, archives are used unproven: should one not work, builders say so and the local compiler
 * does the work.
 */
public final class TrialCompile implements ToolchainProof {
    private static final Logger log = LoggerFactory.getLogger(TrialCompile.class);

    /** How the names of trees begin that are being tried. */
    static final String TRYING = ".trying-";

    private static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "LC_ALL", "C");
    private static final String LIBRARY_PATH = CompilerVariable.LD_LIBRARY_PATH.name();
    private static final int MAX_LINES = 3;
    private static final String CONFIGURATION = "Configuration file: ";

    /** The way that works here, once it has been looked for. */
    @GuardedBy("this")
    private Optional<ChrootRunner> way = Optional.empty();

    @GuardedBy("this")
    private boolean isSought;

    private synchronized Optional<ChrootRunner> way() throws InterruptedException {
        if (!isSought) {
            way = ChrootRunner.find();
            isSought = true;
        }
        return way;
    }

    @Override
    public void check(Compiler compiler, Optional<String> libraryPath, Path archive)
            throws IOException, InterruptedException {
        Optional<ChrootRunner> other = way();
        if (other.isEmpty()) {
            log.debug("{} is used without a test: this machine does not allow changing the root directory", archive);
            return;
        }
        long started = System.nanoTime();
        try (UnpackedArchive unpacked = UnpackedArchive.of(archive, TRYING)) {
            if (!ChrootRunner.isExecutable(unpacked.root())) {
                log.debug(
                        "{} is used without a test: {} does not allow executing programs",
                        archive,
                        archive.getParent());
                return;
            }
            Map<String, String> environment = new TreeMap<>(ENVIRONMENT);
            libraryPath.ifPresent(value -> environment.put(LIBRARY_PATH, value));
            compile(compiler, other.get(), unpacked.root(), environment);
            if (compiler.kind() == CompilerKind.CLANG) {
                compareConfiguration(compiler, other.get(), unpacked.root(), environment);
            }
        }
        log.debug(
                "{} compiles from its archive (tested in {} ms)",
                compiler.path(),
                (System.nanoTime() - started) / 1_000_000);
    }

    private static void compile(Compiler compiler, ChrootRunner other, Path root, Map<String, String> environment)
            throws IOException, InterruptedException {
        boolean plusplus = compiler.plusplus();
        String language = plusplus ? "c++-cpp-output" : "cpp-output";
        Path object = root.resolve("tmp/line.o");
        Files.writeString(root.resolve("tmp/line.i"), "int jdist_line(int x) { return x + 1; }\n");
        Result result = other.run(
                root,
                List.of(compiler.path().toString(), "-x", language, "-c", "/tmp/line.i", "-o", "/tmp/line.o"),
                environment);
        if (result.code() != 0 || !Files.isRegularFile(object) || Files.size(object) == 0) {
            throw new IOException("it does not compile a line of " + (plusplus ? "C++" : "C") + " from its archive: "
                    + inShort(result) + missingLoader(compiler.path(), root));
        }
    }

    /** A program whose loader is missing is itself said to be missing, which helps nobody. */
    private static String missingLoader(Path program, Path root) throws IOException {
        return ElfFile.read(program)
                .flatMap(ElfFile::interpreter)
                .filter(loader -> !Files.exists(root.resolve(loader.substring(1)), LinkOption.NOFOLLOW_LINKS))
                .map(loader -> " (its loader " + loader + " is not in the archive)")
                .orElse("");
    }

    /** A configuration that is not found there would make other objects, without a word. */
    private static void compareConfiguration(
            Compiler compiler, ChrootRunner other, Path root, Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> question = List.of(compiler.path().toString(), "--version");
        Map<String, String> own = new TreeMap<>(System.getenv());
        own.remove(LIBRARY_PATH);
        Optional.ofNullable(environment.get(LIBRARY_PATH)).ifPresent(value -> own.put(LIBRARY_PATH, value));
        String here = configuration(ChrootRunner.run(question, own));
        String there = configuration(other.run(root, question, environment));
        if (!here.equals(there)) {
            throw new IOException("it reads " + (here.isEmpty() ? "no configuration" : here) + " here and "
                    + (there.isEmpty() ? "none" : there) + " from its archive");
        }
    }

    private static String configuration(Result version) {
        return version.printed()
                .lines()
                .filter(line -> line.startsWith(CONFIGURATION))
                .map(line -> line.substring(CONFIGURATION.length()))
                .collect(Collectors.joining(", "));
    }

    /** What was said; the names of what is missing are in it. */
    private static String inShort(Result result) {
        String said = result.printed()
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .limit(MAX_LINES)
                .collect(Collectors.joining("; "));
        return said.isEmpty() ? "exit code " + result.code() : said;
    }
}
