package dev.jdist.client.launcher;

import dev.jdist.client.testing.CacheDaemon;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The launcher as it is installed, and one that ends at what C leaves undefined. */
enum LauncherKind {
    INSTALLED {
        @Override
        Path program() {
            return CacheDaemon.jdist();
        }
    },
    SANITIZED {
        @Override
        Path program() {
            return Sanitized.PROGRAM;
        }
    };

    abstract Path program();

    /** Compiled when it is first wanted, by each process for itself: another one may be running its own meanwhile. */
    private static final class Sanitized {
        static final Path PROGRAM = compile();

        private static Path compile() {
            try {
                Path own = Path.of(
                        "target/native-tests",
                        Long.toString(ProcessHandle.current().pid()));
                return SanitizedProgram.ofModule(Files.createDirectories(own).toAbsolutePath());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted while the launcher was compiled", e);
            }
        }
    }
}
