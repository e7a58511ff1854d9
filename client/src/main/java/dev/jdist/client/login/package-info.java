/**
 * Logging in: {@code jdist --dist-auth} and the token it leaves.
 *
 * <p>{@link dev.jdist.client.login.DistAuth} opens a page on loopback, which sends the person's browser to the login server
 * and gets it back with a code or a token; {@link dev.jdist.client.login.CachedConfig} keeps the token where sccache keeps
 * its own, and the daemon finds it there through {@link dev.jdist.client.login.StoredToken}. It knows nothing of
 * schedulers and compilers. The page is served by event loops; whoever asked for the login waits on its own thread.
 */
@NullMarked
package dev.jdist.client.login;

import org.jspecify.annotations.NullMarked;
