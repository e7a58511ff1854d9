package dev.jdist.client;

import dev.jdist.client.farm.CompileFarm;
import dev.jdist.client.toolchain.ToolchainCache;

/**
 * All that distributing takes; there is none where no scheduler is set.
 *
 * @param keepDirectives whether to leave macros to the builder: {@code rewrite_includes_only}
 */
record Distribution(CompileFarm farm, ToolchainCache toolchains, boolean keepDirectives) {}
