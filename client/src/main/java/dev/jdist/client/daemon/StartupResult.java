package dev.jdist.client.daemon;

import dev.jdist.client.launcher.AddressInUseException;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireWriter;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * How the start of a client daemon went, as sccache's daemon tells whoever started it under SCCACHE_STARTUP_NOTIFY. The
 * bincode variant index stands in brackets; [2] is what the one who waits says to himself when the time is up.
 */
public sealed interface StartupResult extends WireMessage {
    /** [0] @param address where it listens */
    record Listening(String address) implements StartupResult {
        @Override
        public void encode(WireWriter out) {
            out.beginVariant(0, "Ok");
            out.beginStruct();
            out.field("addr").string(address);
            out.endStruct();
            out.endVariant();
        }
    }

    /** [1] another daemon has the address */
    record AddressInUse() implements StartupResult {
        @Override
        public void encode(WireWriter out) {
            out.unitVariant(1, "AddrInUse");
        }
    }

    /** [3] */
    record Failed(String reason) implements StartupResult {
        @Override
        public void encode(WireWriter out) {
            out.beginVariant(3, "Err");
            out.beginStruct();
            out.field("reason").string(reason);
            out.endStruct();
            out.endVariant();
        }
    }

    static StartupResult of(Exception failure) {
        return failure instanceof AddressInUseException
                ? new AddressInUse()
                : new Failed(String.valueOf(failure.getMessage()));
    }

    /**
     * Tells it to whoever listens on a Unix socket: a length (32 bit, big endian) and bincode.
     *
     * @throws IOException with the socket's name, if nobody takes it
     */
    default void tell(Path socket) throws IOException {
        byte[] bytes = toBincode();
        ByteBuffer message = ByteBuffer.allocate(Integer.BYTES + bytes.length);
        message.putInt(bytes.length).put(bytes).flip();
        try (SocketChannel listener = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            while (message.hasRemaining()) {
                listener.write(message);
            }
        } catch (IOException e) {
            throw new IOException("nobody listens on SCCACHE_STARTUP_NOTIFY=" + socket, e);
        }
    }
}
