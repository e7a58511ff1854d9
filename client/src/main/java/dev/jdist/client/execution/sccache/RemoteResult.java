package dev.jdist.client.execution.sccache;

import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.wire.ServerId;

/** What a builder made of a job. */
public record RemoteResult(ServerId builder, RunJobResult.Complete complete) {}
