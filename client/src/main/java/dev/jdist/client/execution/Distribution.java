package dev.jdist.client.execution;

import dev.jdist.client.toolchain.ToolchainCache;

/**
 * All that distributing takes; there is none where no scheduler is set.
 *
 * @param keepDirectives whether to leave macros to the builder: {@code rewrite_includes_only}
 */
public record Distribution(RemoteExecutor executor, ToolchainCache toolchains, boolean keepDirectives) {}
