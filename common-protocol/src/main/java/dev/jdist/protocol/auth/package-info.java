/**
 * Who may do what on the farm: tokens of builders, tokens of jobs, and builders' certificates, in the forms that
 * sccache-dist uses. Everything here is immutable; nothing is ever logged.
 */
@NullMarked
package dev.jdist.protocol.auth;

import org.jspecify.annotations.NullMarked;
