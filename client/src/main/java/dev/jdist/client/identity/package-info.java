/**
 * Which compiler a program is, and what tells it from others: probing, wrappers that only pass calls on, and digests
 * of all programs and libraries.
 */
@NullMarked
package dev.jdist.client.identity;

import org.jspecify.annotations.NullMarked;
