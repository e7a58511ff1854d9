package dev.jdist.sandbox.bubblewrap;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What jdist-sandbox reads: {@code src/test/c} says what holds, whatever it is. Goes on for {@code -Djdist.fuzz.seconds}. */
class HelperFuzzTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"serve", "confine", "view"})
    void anyInput_isReadWithoutAFault(String target) throws Exception {
        SanitizedProgram.fuzz(target, 20_000, directory);
    }
}
