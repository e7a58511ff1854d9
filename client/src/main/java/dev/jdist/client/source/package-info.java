/** What source files hold: names that they include, macros of the clock, digests; found without a preprocessor, once per file. */
@NullMarked
package dev.jdist.client.source;

import org.jspecify.annotations.NullMarked;
