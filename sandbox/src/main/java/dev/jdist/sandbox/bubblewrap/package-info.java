/**
 * Sandboxes by bubblewrap, in one of the ways of {@link dev.jdist.sandbox.bubblewrap.SandboxStrategy}.
 *
 * <p>Most of what a sandbox costs is making it. {@link dev.jdist.sandbox.bubblewrap.SandboxPool} keeps some that wait for
 * commands; its one thread makes and ends them. {@link dev.jdist.sandbox.bubblewrap.StartedSandbox} is one of them.
 * {@link dev.jdist.sandbox.bubblewrap.LimitMonitor} holds a command to the limits that the kernel does not keep, on
 * the thread that waits for the command.
 */
@NullMarked
package dev.jdist.sandbox.bubblewrap;

import org.jspecify.annotations.NullMarked;
