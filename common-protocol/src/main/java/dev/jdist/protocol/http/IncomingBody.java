package dev.jdist.protocol.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/** Takes a body as it comes off a channel. Called on the channel's event loop. */
public interface IncomingBody {
    /** Takes over the reference to {@code chunk}. */
    void add(ByteBuf chunk);

    /** The body is whole. */
    void end();

    /** No more will come although the body is not whole. */
    void fail(IOException reason);

    /** Whether it was this side that did not read, at some time since this was asked last. */
    boolean wasPaused();
}
