/**
 * Jobs that compile a client's sources: what the client vouches for, the questions that are left, and the turns of the conversation. A
 * job has a thread of its own; each call of its client has another one, which waits for the job's next turn.
 */
@NullMarked
package dev.jdist.builder.sources;

import org.jspecify.annotations.NullMarked;
