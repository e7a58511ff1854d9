package dev.jdist.client.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.files.FileEvidence;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Moment;
import dev.jdist.client.files.UnchangedPaths;
import dev.jdist.client.toolchain.SearchEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program in the place of a compiler: what it loads is a part of what it is, whatever happens while the daemon lives. */
@Timeout(60)
class CompilerIdentitiesTest {
    @TempDir
    private Path temporary;

    private Path root;
    private Path a;
    private Path b;
    private CompilerIdentities identities;

    @BeforeEach
    void makeDirectories() throws IOException {
        root = temporary.toRealPath();
        a = Files.createDirectory(root.resolve("a"));
        b = Files.createDirectory(root.resolve("b"));
        identities = new CompilerIdentities(new ProgramDigests(root.resolve("cache"), true));
    }

    private static void gcc(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("gcc"));
        command.addAll(List.of(arguments));
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    }

    /** @param soname that makes it differ from others */
    private static Path library(Path place, String soname) throws IOException, InterruptedException {
        Path fresh = place.resolveSibling("fresh");
        gcc("-shared", "-x", "c", "/dev/null", "-x", "none", "-Wl,-soname," + soname, "-o", fresh.toString());
        return Files.move(fresh, place, StandardCopyOption.REPLACE_EXISTING);
    }

    private Compiler compiler(String... options) throws IOException, InterruptedException {
        Path source = Files.writeString(root.resolve("program.c"), "int main(void) { return 0; }\n");
        Path linked = library(Files.createDirectory(root.resolve("linked")).resolve("libnear.so"), "libnear.so");
        Path program = root.resolve("program");
        List<String> arguments = new ArrayList<>(List.of(
                source.toString(),
                "-o",
                program.toString(),
                "-Wl,--no-as-needed",
                "-L" + linked.getParent(),
                "-lnear"));
        arguments.addAll(List.of(options));
        gcc(arguments.toArray(String[]::new));
        return new Compiler(CFamily.INSTANCE, CompilerKind.GCC, program, false, "1", "stamp");
    }

    private SearchEnvironment with(String... variables) {
        Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        return SearchEnvironment.of(environment, root);
    }

    private String text(Compiler compiler, String... variables) throws IOException {
        return identities.of(compiler, with(variables)).text();
    }

    @Test
    void libraryThatIsReplaced_isAnotherCompiler() throws Exception {
        Compiler compiler = compiler("-Wl,-rpath," + a);
        Path near = library(a.resolve("libnear.so"), "libone.so");
        String before = text(compiler);
        assertEquals(before, text(compiler));
        library(near, "libtwo.so");
        assertNotEquals(before, text(compiler));
        library(near, "libone.so");
        assertEquals(before, text(compiler), "it is the content that counts");
    }

    /** The new one needs another library than the old one did, which the daemon never saw. */
    @Test
    void libraryThatIsReplacedByOneThatNeedsMore_bringsThatAlong() throws Exception {
        Compiler compiler = compiler("-Wl,--disable-new-dtags,-rpath," + a);
        Path near = library(a.resolve("libnear.so"), "libnear.so");
        text(compiler);
        Path deep = library(a.resolve("libdeep.so"), "libdeep.so");
        gcc(
                "-shared",
                "-x",
                "c",
                "/dev/null",
                "-x",
                "none",
                "-Wl,--no-as-needed",
                "-L" + a,
                "-ldeep",
                "-o",
                near.toString());
        String before = text(compiler);
        library(deep, "libother.so");
        assertNotEquals(before, text(compiler));
    }

    @Test
    void libraryThatAppearsWhereTheLoaderLooksFirst_isAnotherCompiler() throws Exception {
        Compiler compiler = compiler("-Wl,-rpath," + a + ":" + b);
        library(b.resolve("libnear.so"), "libnear.so");
        CompilerIdentity before = identities.of(compiler, with());
        FileEvidence evidence = new FileEvidence(before.stamps());
        UnchangedPaths paths = new UnchangedPaths(FileBaseline.of(new Moment(Long.MAX_VALUE)));
        assertTrue(evidence.holds());
        Path appeared = library(a.resolve("libnear.so"), "libnear.so");
        assertNotEquals(before.text(), text(compiler));
        assertTrue(!evidence.holds(), "a repeat of a request must not be answered without a look");
        ChangedException e = assertThrows(ChangedException.class, () -> before.check(paths));
        assertTrue(e.getMessage().contains("libnear.so"), e.getMessage());
        Files.delete(appeared);
        assertEquals(before.text(), text(compiler));
    }

    @Test
    void librariesOfTheCallersPath_areAPartOfTheCompiler() throws Exception {
        Compiler compiler = compiler("-Wl,--enable-new-dtags,-rpath," + b);
        library(b.resolve("libnear.so"), "libnear.so");
        String plain = text(compiler);
        assertEquals(plain, text(compiler, "LD_LIBRARY_PATH", a.toString()), "nothing is in there");
        Path near = library(a.resolve("libnear.so"), "libone.so");
        String one = text(compiler, "LD_LIBRARY_PATH", a.toString());
        assertNotEquals(plain, one);
        library(near, "libtwo.so");
        assertNotEquals(one, text(compiler, "LD_LIBRARY_PATH", a.toString()));
        assertEquals(plain, text(compiler));
    }

    @Test
    void librariesThatAreLoadedBeforeAll_areAPartOfTheCompiler() throws Exception {
        Compiler compiler = compiler("-Wl,-rpath," + b);
        library(b.resolve("libnear.so"), "libnear.so");
        Path first = library(a.resolve("libfirst.so"), "libfirst.so");
        for (String variable : List.of("LD_PRELOAD", "LD_AUDIT")) {
            for (String value : List.of(first.toString(), "libmissing.so a/libfirst.so")) {
                library(first, "libfirst.so");
                String before = text(compiler, variable, value);
                assertNotEquals(text(compiler), before, variable);
                library(first, "libother.so");
                assertNotEquals(before, text(compiler, variable, value), variable);
            }
        }
    }

    /** ldconfig(8) may have the loader find another library: whoever remembers a request has to look at its cache. */
    @Test
    void cacheOfTheLoader_isEvidence() throws Exception {
        Path cache = Path.of("/etc/ld.so.cache");
        Compiler gcc = new Compiler(CFamily.INSTANCE, CompilerKind.GCC, Path.of("/usr/bin/gcc"), false, "1", "stamp");
        assertEquals(FileStat.of(cache), identities.of(gcc, with()).stamps().get(cache));
    }
}
