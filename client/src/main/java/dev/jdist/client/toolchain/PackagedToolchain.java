package dev.jdist.client.toolchain;

import dev.jdist.protocol.message.Toolchain;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An archive that can be sent to builders.
 *
 * @param executable the compiler's path inside the archive
 * @param libraryPath the {@code LD_LIBRARY_PATH} by which the compiler finds its libraries inside the archive; nothing if it
 *     needs none
 */
public record PackagedToolchain(Toolchain toolchain, Path archive, String executable, Optional<String> libraryPath) {}
