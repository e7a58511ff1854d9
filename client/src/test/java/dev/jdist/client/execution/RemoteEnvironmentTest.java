package dev.jdist.client.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compiler.CompilerVariable;
import dev.jdist.protocol.message.EnvironmentVariable;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RemoteEnvironmentTest {
    private static Map<String, String> variables(Map<String, String> local) {
        return variables(local, Optional.empty());
    }

    private static Map<String, String> variables(Map<String, String> local, Optional<String> libraryPath) {
        return new TreeMap<>(RemoteEnvironment.of(local, libraryPath).variables().stream()
                .collect(Collectors.toMap(EnvironmentVariable::name, EnvironmentVariable::value)));
    }

    @Test
    void variables_nothingOfTheCallersButWhatCompilersHeed() {
        Map<String, String> local = new TreeMap<>(Map.of(
                "HOME", "/home/me",
                "PATH", "/home/me/bin",
                "AWS_SECRET_ACCESS_KEY", "secret",
                "LD_PRELOAD", "/evil.so",
                "SOURCE_DATE_EPOCH", "0",
                "GCC_COLORS", "error=01",
                "CPATH", "/inc",
                "LD_LIBRARY_PATH", "/lib"));
        assertEquals(
                Map.of(
                        "PATH", "/usr/local/bin:/usr/bin:/bin",
                        "LC_ALL", "C",
                        "SOURCE_DATE_EPOCH", "0",
                        "GCC_COLORS", "error=01",
                        "CPATH", "/inc"),
                variables(local));
    }

    /** A builder has the libraries that are packed, and no others. */
    @Test
    void libraryPath_isThatOfTheToolchainAndNotTheCallers() {
        Map<String, String> local = Map.of("LD_LIBRARY_PATH", "/home/me/lib:/opt/gcc/lib64:");
        assertFalse(variables(local).containsKey("LD_LIBRARY_PATH"));
        assertEquals(
                "/opt/gcc/lib64",
                variables(local, Optional.of("/opt/gcc/lib64")).get("LD_LIBRARY_PATH"));
    }

    /** Of all variables, none that names a place for the loader or for parts of a compiler goes along. */
    @ParameterizedTest
    @EnumSource(
            value = CompilerVariable.class,
            names = {"LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT", "GCC_EXEC_PREFIX", "COMPILER_PATH", "LIBRARY_PATH"})
    void whereTheCompilersPartsAre_isNotSent(CompilerVariable variable) {
        assertFalse(variables(Map.of(variable.name(), "/opt")).containsKey(variable.name()));
        assertTrue(variable.decidesAboutParts());
    }

    @ParameterizedTest
    @CsvSource({
        ",,,C",
        "C,,,C",
        "POSIX,,,C",
        "en_US.UTF-8,,,C.UTF-8",
        "de_DE.utf8,,,C.UTF-8",
        "en_US.ISO-8859-1,,,C",
        "en_US.UTF-8,C,,C",
        "C,en_US.UTF-8,,C.UTF-8",
        "en_US.UTF-8,en_US.UTF-8,C,C",
        "C,C,C.UTF-8,C.UTF-8"
    })
    void characters_areThoseOfTheCaller(String lang, String ctype, String all, String expected) {
        Map<String, String> local = new TreeMap<>();
        put(local, "LANG", lang);
        put(local, "LC_CTYPE", ctype);
        put(local, "LC_ALL", all);
        assertEquals(expected, variables(local).get("LC_ALL"));
    }

    @ParameterizedTest
    @CsvSource({
        ",,,,true",
        "C,,,,true",
        "C.UTF-8,,,,true",
        "POSIX,,,,true",
        "en_US.UTF-8,,,,true",
        "de_DE.UTF-8,,,,false",
        "de_DE.UTF-8,C,,,true",
        "en_US.UTF-8,de_DE.UTF-8,,,false",
        "de_DE.UTF-8,de_DE.UTF-8,C,,true",
        "en_US.UTF-8,,,de,false",
        "en_US.UTF-8,,,en:de,true",
        "de_DE.UTF-8,,,en_US,true",
        "C,,,de,true",
        "de_DE.UTF-8,,C.UTF-8,de,true"
    })
    void messages_areOursIfTheyAreNotTranslated(
            String lang, String messages, String all, String language, boolean expected) {
        Map<String, String> local = new TreeMap<>();
        put(local, "LANG", lang);
        put(local, "LC_MESSAGES", messages);
        put(local, "LC_ALL", all);
        put(local, "LANGUAGE", language);
        assertEquals(expected, RemoteEnvironment.of(local, Optional.empty()).hasOurMessages());
    }

    private static void put(Map<String, String> local, String name, String value) {
        if (value != null) {
            local.put(name, value);
        }
    }
}
