/**
 * The conversation with {@code jdist-sandbox}, the first process in a sandbox or a container. {@code
 * sandbox/src/main/c/serve.c} is its other side, and {@code nodes.c} that of {@link
 * dev.jdist.sandbox.helper.ViewConversation}.
 */
@NullMarked
package dev.jdist.sandbox.helper;

import org.jspecify.annotations.NullMarked;
