/**
 * Who may ask the scheduler for what: clients ({@link dev.jdist.scheduler.auth.ClientAuthenticator}, which may have to
 * ask a login server) and builders ({@link dev.jdist.scheduler.auth.ServerAuthenticator}). {@link
 * dev.jdist.scheduler.auth.LiveTokens} follows the file of named tokens. Tokens are never logged.
 */
@NullMarked
package dev.jdist.scheduler.auth;

import org.jspecify.annotations.NullMarked;
