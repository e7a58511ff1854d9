/**
 * Whoever called jdist: the request, and commands that run on the caller's behalf, as children of its launcher and
 * within the slots of this machine. Knows nothing of compilers.
 */
@NullMarked
package dev.jdist.client.caller;

import org.jspecify.annotations.NullMarked;
