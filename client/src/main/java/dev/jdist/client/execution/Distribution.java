package dev.jdist.client.execution;

import dev.jdist.client.inputs.InputForm;
import dev.jdist.client.toolchain.ToolchainCache;

/**
 * All that distributing takes; there is none where no scheduler is set.
 *
 * @param inputs the form in which other machines get a unit
 */
public record Distribution(RemoteExecutor executor, ToolchainCache toolchains, InputForm inputs) {}
