/**
 * How settings files are read, and the environment variables around them. Which keys there are is the business of {@link
 * dev.jdist.protocol.settings}.
 *
 * <p>{@link dev.jdist.protocol.config.ConfigTable} reads TOML or JSON into one shape that remembers where everything
 * stood, so that each mistake is reported as file, line and key. {@link dev.jdist.protocol.config.Variable} declares the
 * variables. No threads, no network.
 */
@NullMarked
package dev.jdist.protocol.config;

import org.jspecify.annotations.NullMarked;
