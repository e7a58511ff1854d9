/**
 * The conversation with launchers (the native {@code bin/jdist}) over the daemon's Unix socket: frames ({@link
 * dev.jdist.client.launcher.LauncherMessages}, the other side of {@code client/src/main/c/message.c}) and connections.
 *
 * <p>Threads: an event loop reads frames; a request's own thread calls the methods of {@link
 * dev.jdist.client.launcher.Launcher}.
 */
@NullMarked
package dev.jdist.client.launcher;

import org.jspecify.annotations.NullMarked;
