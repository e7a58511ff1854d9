package dev.jdist.protocol.http.server;

/** What a handler that streams a body may answer: something in memory, or something that may be larger. */
public sealed interface Answer permits HttpReply, StreamedReply {}
