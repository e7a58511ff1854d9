/**
 * The builder's HTTPS side: {@link dev.jdist.builder.http.BuilderServer} takes jobs and toolchains. {@link
 * dev.jdist.builder.http.UploadGate} lets one client at a time send a toolchain.
 *
 * <p>Threads: event loops read and write; each job and each toolchain that arrives has a thread of a bounded pool. What
 * comes from the network is taken to be hostile.
 */
@NullMarked
package dev.jdist.builder.http;

import org.jspecify.annotations.NullMarked;
