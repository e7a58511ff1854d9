/**
 * What became of a request to compile, as a value. The steps of a compile make it, and statistics, the log and the caller's
 * answer are made from it. Knows no other room.
 */
@NullMarked
package dev.jdist.client.outcome;

import org.jspecify.annotations.NullMarked;
