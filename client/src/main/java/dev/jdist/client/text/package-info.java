/**
 * What can be told from the text of a source: whether the assembler may read a file on its behalf, whether the time of day
 * may be in it, whether compilers may warn of its indentation or of empty bodies, and whether it has pragmas that get lost. It knows no files, and errs towards yes.
 *
 * <p>Pure functions, for any thread.
 */
@NullMarked
package dev.jdist.client.text;

import org.jspecify.annotations.NullMarked;
