package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExposedSecretsTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void open() throws IOException {
        file = directory.resolve("a.conf");
        mode(directory, "rwx--x--x");
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private Optional<String> warning(Role role, String text, String mode) throws IOException, ConfigException {
        Files.writeString(file, text);
        mode(file, mode);
        return ExposedSecrets.warning(role.settings().read(ConfigTable.read(file), SampleFile.MACHINE));
    }

    static Stream<Arguments> secrets() {
        return SettingDeclarationTest.everySetting()
                .filter(arguments -> ((Setting<?>) arguments.get()[1]).isSecret());
    }

    @ParameterizedTest
    @MethodSource("secrets")
    void warning_fileThatOthersRead_namesItTheKeyAndWhatToDo(Role role, Setting<?> setting) throws Exception {
        String text =
                SampleFile.with(role, setting, SampleFile.literal(setting)).text();

        String warning = warning(role, text, "rw-r--r--").orElseThrow();

        assertEquals(warning.split(" \\(mode")[0], "every user of this machine can read the secrets in " + file);
        assertEquals(true, warning.contains(setting.toString()), warning);
        assertEquals(true, warning.endsWith("chmod o-r " + file), warning);
        assertEquals(false, warning.contains("hush"), warning);
        assertEquals(Optional.empty(), warning(role, text, "rw-r-----"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[dist]\nscheduler_url = \"http://h:1/\"\n"})
    void warning_fileWithoutSecrets_isNone(String text) throws Exception {
        assertEquals(Optional.empty(), warning(Role.CLIENT, text, "rw-r--r--"));
    }

    @Test
    void warning_fileInADirectoryOfItsOwners_isNone() throws Exception {
        mode(directory, "rwx------");

        assertEquals(
                Optional.empty(), warning(Role.CLIENT, "[dist.auth]\ntype = \"token\"\ntoken = \"t\"\n", "rw-r--r--"));
    }

    @Test
    void warning_noFile_isNone() throws Exception {
        assertEquals(
                Optional.empty(),
                ExposedSecrets.warning(
                        Role.CLIENT.settings().read(ConfigTable.parse("(defaults)", ""), SampleFile.MACHINE)));
    }
}
