package dev.jdist.client.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WrapperScriptTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "exec gcc \"$@\"|gcc||",
                "gcc ${1+\"$@\"}|gcc||",
                "exec /opt/gcc/bin/g++ -m32 '-DA=b c' \"$@\"|/opt/gcc/bin/g++|-m32,-DA=b c|",
                "exec ccache /usr/bin/gcc \"$@\" -pipe|ccache|/usr/bin/gcc|-pipe",
                "exec \"/nix/store/a b/bin/gcc\" \"$@\"|/nix/store/a b/bin/gcc||",
            })
    void scriptThatPassesItsArgumentsOn_isUnderstood(String line, String program, String before, String after) {
        for (String first :
                List.of("#!/bin/sh", "#! /nix/store/x-bash/bin/bash -e", "#!/usr/bin/env bash", "#!/bin/dash -eu")) {
            assertEquals(
                    Optional.of(new WrapperScript(program, arguments(before), arguments(after))),
                    WrapperScript.parse(first + "\n# the real one\n\nset -e\n" + line + "\n"),
                    first);
        }
    }

    private static List<String> arguments(String commas) {
        return commas == null ? List.of() : List.of(commas.split(","));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#!/bin/sh\nexec gcc $FLAGS \"$@\"",
                "#!/bin/sh\nexec gcc \"$FLAGS\" \"$@\"",
                "#!/bin/sh\nexec gcc $@",
                "#!/bin/sh\nexec gcc \"$*\"",
                "#!/bin/sh\nexec gcc",
                "#!/bin/sh\nexec gcc \"$1\" \"$@\"",
                "#!/bin/sh\nexec gcc \"$@\" \"$@\"",
                "#!/bin/sh\nexec gcc `cat flags` \"$@\"",
                "#!/bin/sh\nexec gcc \"$@\" && true",
                "#!/bin/sh\nexec gcc \"$@\";true",
                "#!/bin/sh\nexec gcc \"$@\" 2> log",
                "#!/bin/sh\nexec gcc \"$@\" | cat",
                "#!/bin/sh\nexec gcc ~/x \"$@\"",
                "#!/bin/sh\nexec gcc *.c \"$@\"",
                "#!/bin/sh\nexec gcc -DA\"b\" \"$@\"",
                "#!/bin/sh\nexec gcc \\\n \"$@\"",
                "#!/bin/sh\nLANG=C exec gcc \"$@\"",
                "#!/bin/sh\nexport LANG=C\nexec gcc \"$@\"",
                "#!/bin/sh\nif true; then exec gcc \"$@\"; fi",
                "#!/bin/sh\nexec -a \"$0\" gcc \"$@\"",
                "#!/bin/sh\nexec \"$@\"",
                "#!/bin/sh\nset -x\nexec gcc \"$@\"",
                "#!/bin/sh -x\nexec gcc \"$@\"",
                "#!/bin/sh\ngcc \"$@\"\ngcc \"$@\"",
                "#!/usr/bin/perl\nexec gcc \"$@\"",
                "exec gcc \"$@\"",
                "#!/bin/sh",
                "",
            })
    void scriptThatDoesMore_isNot(String script) {
        assertEquals(Optional.empty(), WrapperScript.parse(script));
    }

    @Test
    void scriptOfTheNdk_callsTheClangBesideIt(@TempDir Path root) throws IOException {
        String text = """
                #!/usr/bin/env bash
                bin_dir=`dirname "$0"`
                if [ "$1" != "-cc1" ]; then
                    "$bin_dir/clang++" --target=aarch64-linux-android21 "$@"
                else
                    # Target is already an argument.
                    "$bin_dir/clang++" "$@"
                fi
                """;
        Path script = Files.writeString(root.resolve("aarch64-linux-android21-clang++"), text);
        assertEquals(
                Optional.of(new WrapperScript(
                        root.resolve("clang++").toString(), List.of("--target=aarch64-linux-android21"), List.of())),
                WrapperScript.read(script));
        for (String other : List.of(
                text.replace("else", "elif true; then"),
                text.replaceFirst("clang", "other"),
                text.replace("--target=aarch64-linux-android21", "$FLAGS"),
                text.replace("fi\n", "fi; true\n"),
                text.replace("env bash", "env python"))) {
            assertEquals(Optional.empty(), WrapperScript.read(Files.writeString(script, other)), other);
        }
    }

    @Test
    void programAndLongScript_areNone(@TempDir Path root) throws IOException {
        assertEquals(Optional.empty(), WrapperScript.read(Path.of("/bin/sh")));
        Path script = Files.writeString(root.resolve("cc"), "#!/bin/sh\nexec gcc \"$@\"\n");
        assertEquals("gcc", WrapperScript.read(script).orElseThrow().program());
        Files.writeString(script, "#!/bin/sh\n" + "# and so on\n".repeat(2000) + "exec gcc \"$@\"\n");
        assertEquals(Optional.empty(), WrapperScript.read(script));
        assertEquals(Optional.empty(), WrapperScript.read(Files.writeString(root.resolve("x"), "#")));
    }
}
