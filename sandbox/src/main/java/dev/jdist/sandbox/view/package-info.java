/**
 * File systems that somebody vouches for, path by path, while a command runs in them.
 *
 * <p>{@link dev.jdist.sandbox.view.FileView} is asked what is at a path when the command first wants to know. {@code
 * jdist-sandbox await} asks, the first process in the sandbox, which is told of every system call of the command that
 * takes a path: {@code sandbox/src/main/c/view.c} says how. The thread that asks belongs to one command.
 *
 * <p>This package knows nothing of who vouches, nor of sandboxes.
 */
@NullMarked
package dev.jdist.sandbox.view;

import org.jspecify.annotations.NullMarked;
