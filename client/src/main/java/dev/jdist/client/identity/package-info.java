/**
 * Which compiler a program is, and what tells it from others: probing, wrappers that only pass calls on, and digests
 * of all programs and libraries.
 */
package dev.jdist.client.identity;
