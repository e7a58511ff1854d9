package dev.jdist.client.toolchain;

import dev.jdist.protocol.message.Toolchain;
import java.nio.file.Path;

/**
 * An archive that can be sent to builders.
 *
 * @param executable the compiler's path inside the archive
 */
public record PackagedToolchain(Toolchain toolchain, Path archive, String executable) {}
