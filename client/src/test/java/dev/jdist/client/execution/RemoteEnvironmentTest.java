package dev.jdist.client.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.protocol.message.EnvironmentVariable;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteEnvironmentTest {
    private static Map<String, String> variables(Map<String, String> local) {
        return new TreeMap<>(RemoteEnvironment.of(local).variables().stream()
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
                        "CPATH", "/inc",
                        "LD_LIBRARY_PATH", "/lib"),
                variables(local));
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
        assertEquals(expected, RemoteEnvironment.of(local).hasOurMessages());
    }

    private static void put(Map<String, String> local, String name, String value) {
        if (value != null) {
            local.put(name, value);
        }
    }
}
