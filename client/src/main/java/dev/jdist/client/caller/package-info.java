/**
 * Whoever called jdist: the request, commands that run on the caller's behalf, as children of its launcher and within the
 * slots of this machine, and files that its launcher writes. Knows nothing of compilers but what they do to a file that is in
 * the place of an output.
 */
@NullMarked
package dev.jdist.client.caller;

import org.jspecify.annotations.NullMarked;
