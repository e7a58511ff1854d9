/**
 * The conversation with {@code jdist-sandbox}, the first process in a sandbox or a container. {@code
 * sandbox/src/main/c/serve.c} is its other side.
 */
package dev.jdist.sandbox.helper;
