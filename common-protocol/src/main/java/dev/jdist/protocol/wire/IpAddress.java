package dev.jdist.protocol.wire;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Reads an IP address that stands on its own, without port, brackets or zone. Asks no resolver. */
public final class IpAddress {
    private IpAddress() {}

    /**
     * Reads {@code 10.0.0.1}, {@code fd00::1}, and {@code ::ffff:10.0.0.1} as the IPv4 address that it stands for: so a
     * socket that listens for both writes who called.
     *
     * @throws IllegalArgumentException if it is none; the message names it
     */
    public static InetAddress parse(String text) {
        try {
            String literal = text.contains(":") ? "[" + text + "]" : text;
            return InetAddress.getByAddress(ServerId.parse(literal + ":0").ip().getAddress());
        } catch (IllegalArgumentException | UnknownHostException e) {
            throw new IllegalArgumentException("\"" + text + "\" is not an IP address", e);
        }
    }
}
