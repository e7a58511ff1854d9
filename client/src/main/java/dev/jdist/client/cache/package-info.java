/**
 * The compile cache: which earlier compile a request repeats, and what came out of it.
 *
 * <p>A <em>result</em> is what a compile leaves: files and what it printed. A <em>manifest</em> belongs to a request (the
 * compiler, its arguments, the directory and the environment) and holds entries: these files were read with these
 * contents, these directories held such names, and that was the result. If an entry still holds, its result is the
 * answer, and neither preprocessor nor compiler runs.
 *
 * <p>Nothing here knows of the farm or of launchers. Any thread may call everything, and nothing trusts what it finds on
 * disk: entries carry a checksum, and a damaged one is no entry.
 */
@NullMarked
package dev.jdist.client.cache;

import org.jspecify.annotations.NullMarked;
