/**
 * The three settings files of sccache and sccache-dist, and the environment variables around them.
 *
 * <p>{@link dev.jdist.protocol.config.ConfigTable} reads TOML or JSON into one shape that remembers where everything
 * stood, so that each mistake is reported as file, line and key. The records next to it are what the programs see. No
 * threads, no network.
 */
package dev.jdist.protocol.config;
