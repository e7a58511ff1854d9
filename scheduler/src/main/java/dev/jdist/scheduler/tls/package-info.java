/**
 * The key and certificate with which the scheduler itself speaks https: made here, or read from files of the owner.
 *
 * <p>Does not know who connects, nor what is said over the connection.
 *
 * <p>Threads: that of whoever starts the scheduler or asks for its pin.
 */
@NullMarked
package dev.jdist.scheduler.tls;

import org.jspecify.annotations.NullMarked;
