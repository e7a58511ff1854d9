package dev.jdist.client.farm;

import dev.jdist.protocol.RunJobResult;
import dev.jdist.protocol.ServerId;

/** What a builder made of a job. */
public record RemoteResult(ServerId builder, RunJobResult.Complete complete) {}
