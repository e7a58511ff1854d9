/**
 * The client daemon and the Java side of the {@code jdist} command.
 *
 * <p>Launchers (the native {@code bin/jdist}) come in through {@link dev.jdist.client.LauncherServer}, one connection per
 * compiler call; {@link dev.jdist.client.CompileService} decides what becomes of each and {@link
 * dev.jdist.client.UnitCompilation} carries out those that compile one translation unit. What has to run on this machine
 * is run by the launcher, as its child.
 *
 * <p>Threads: event loops read and write sockets; each request has a thread of a bounded pool, which blocks as it needs
 * to.
 */
package dev.jdist.client;
