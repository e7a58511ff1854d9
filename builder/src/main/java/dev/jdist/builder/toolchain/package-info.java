/**
 * Toolchains on the builder: archives are checked, unpacked once ({@link dev.jdist.builder.toolchain.ToolchainStore}),
 * and evicted by use. {@link dev.jdist.builder.toolchain.FilePool} keeps files that several of them share once, as
 * hard links. Archives are taken to be hostile: paths are resolved by the sandbox module, sizes are bounded.
 */
@NullMarked
package dev.jdist.builder.toolchain;

import org.jspecify.annotations.NullMarked;
