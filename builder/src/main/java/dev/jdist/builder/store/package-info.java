/**
 * Contents of clients' files on the builder: {@link dev.jdist.builder.store.ContentStore} keeps them by their SHA-256, shared
 * by all jobs, and evicts them by use; {@link dev.jdist.builder.store.ClientContents} shows of them to each client only what
 * it has sent itself. Contents are taken to be hostile, and are never looked into here.
 *
 * <p>The package knows nothing of jobs, views or messages. Its methods run on the threads of jobs, any number at a time. One
 * thread of each store surveys the directory after the start, and notes the order of use.
 */
@NullMarked
package dev.jdist.builder.store;

import org.jspecify.annotations.NullMarked;
