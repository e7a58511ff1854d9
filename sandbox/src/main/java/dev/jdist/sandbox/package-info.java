/**
 * Runs one untrusted command in a root file system of its own: a read-only tree (a toolchain), and over it what the
 * command is given and what it writes, with nothing of the machine around it to see or to touch.
 *
 * <p>The package knows nothing of jobs, networks or compilers. {@link dev.jdist.sandbox.Isolation} is the machine's side:
 * what was found out about it, and its scratch space. {@link dev.jdist.sandbox.IsolatedRoot} is one command's file
 * system: put files in, run, take files out, close. A root belongs to the thread that opened it, with one exception:
 * {@link dev.jdist.sandbox.IsolatedRoot#kill()} may be called by any. There are two kinds: {@link
 * dev.jdist.sandbox.Sandbox} with bubblewrap, in one of the ways of {@link dev.jdist.sandbox.SandboxStrategy}, and {@link
 * dev.jdist.sandbox.DockerEngine} with containers.
 *
 * <p>Most of what a sandbox costs is to make it, so {@link dev.jdist.sandbox.SandboxPool} has some that wait for commands,
 * which its one thread makes and ends; {@link dev.jdist.sandbox.StartedSandbox} is one of them. {@link
 * dev.jdist.sandbox.ServeRequests} is what is said to the first process in a sandbox, or in a container.
 *
 * <p>How much a command may take is in {@link dev.jdist.sandbox.JobLimits}. {@link dev.jdist.sandbox.JobCgroups} has the
 * kernel keep what it can; {@link dev.jdist.sandbox.JobWatch}, on the thread that waits for the command, sees to the rest.
 *
 * <p>Whatever is inside a root was made by somebody who may mean harm. No path in it is ever handed to the operating
 * system of the machine without {@link dev.jdist.sandbox.RootedTree} having resolved it, link by link, as if the root
 * were {@code /}; a container resolves its paths itself.
 */
package dev.jdist.sandbox;
