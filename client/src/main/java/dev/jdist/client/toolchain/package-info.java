/**
 * Toolchain archives on the client: which files a compiler needs, packed into a tar that a builder can run it from, and
 * the cache of what was packed.
 *
 * <p>{@link dev.jdist.client.toolchain.ToolchainPackager} asks the compiler for its parts and {@link
 * dev.jdist.client.toolchain.SharedLibraries} reads from the ELF files what these need in turn. {@link
 * dev.jdist.client.toolchain.ToolchainCache} packs each compiler once and remembers the archive across restarts.
 */
@NullMarked
package dev.jdist.client.toolchain;

import org.jspecify.annotations.NullMarked;
