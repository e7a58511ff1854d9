/**
 * Runs one untrusted command in a root file system of its own: a read-only tree (a toolchain), and over it what the
 * command is given and what it writes, with nothing of the machine around it to see or to touch.
 *
 * <p>This package is the door. {@link dev.jdist.sandbox.Isolation} is the machine's side: what was found out about it,
 * and its scratch space. {@link dev.jdist.sandbox.IsolatedRoot} is one command's file system: put files in, run, take
 * files out, close. A root belongs to the thread that opened it, with one exception: any thread may call {@link
 * dev.jdist.sandbox.IsolatedRoot#kill()}. {@link dev.jdist.sandbox.JobLimits} says how much a command may take. Two
 * rooms implement it: {@link dev.jdist.sandbox.bubblewrap} and {@link dev.jdist.sandbox.docker}.
 *
 * <p>The module knows nothing of jobs, networks or compilers.
 */
@NullMarked
package dev.jdist.sandbox;

import org.jspecify.annotations.NullMarked;
