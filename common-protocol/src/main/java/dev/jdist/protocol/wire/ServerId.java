package dev.jdist.protocol.wire;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who a builder is: the address and port at which clients reach it. Never a host name, and nothing here asks a resolver.
 *
 * @param ip four or sixteen bytes
 * @param port 0 to 65535
 */
public record ServerId(InetAddress ip, int port) {
    /** Bytes without leading zeros: some programs take those for octal numbers, and Rust refuses them. */
    private static final String IPV4_FORM = "((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\.(?!$)|$)){4}";

    private static final Pattern IPV4 = Pattern.compile(IPV4_FORM);
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:]*:([0-9a-fA-F]*|" + IPV4_FORM + ")");

    public ServerId {
        Objects.requireNonNull(ip);
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
        }
    }

    /**
     * Reads {@code 10.0.0.1:10501} or {@code [fd00::1]:10501}.
     *
     * @throws IllegalArgumentException with a message for the person who wrote the address
     */
    public static ServerId parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("\"" + text + "\" is not an address of the form IP:PORT");
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String literal = bracketed ? host.substring(1, host.length() - 1) : host;
        byte[] bytes = (bracketed ? ipv6(literal) : ipv4(literal))
                .orElseThrow(() -> new IllegalArgumentException("\"" + host
                        + "\" is not an IP address (host names do not work here; write 192.168.1.5 or [fd00::5])"));
        String digits = text.substring(colon + 1);
        if (!digits.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("\"" + digits + "\" is not a port");
        }
        return of(bytes, Integer.parseInt(digits));
    }

    /**
     * The address in its four or sixteen bytes. Sixteen stay IPv6 even where they map an IPv4 address, which Java would
     * turn into that one: on the wire and in certificates these are two.
     */
    static ServerId of(byte[] bytes, int port) {
        try {
            InetAddress ip =
                    bytes.length == 16 ? Inet6Address.getByAddress(null, bytes, -1) : InetAddress.getByAddress(bytes);
            return new ServerId(ip, port);
        } catch (UnknownHostException e) {
            throw new AssertionError("an IP address has 4 or 16 bytes", e);
        }
    }

    private static Optional<byte[]> ipv4(String literal) {
        return IPV4.matcher(literal).matches()
                ? Optional.of(NetUtil.createByteArrayFromIpAddressString(literal))
                : Optional.empty();
    }

    private static Optional<byte[]> ipv6(String literal) {
        if (!IPV6.matcher(literal).matches()) {
            return Optional.empty();
        }
        try {
            // The brackets keep Java from asking a resolver.
            byte[] bytes = InetAddress.getByName("[" + literal + "]").getAddress();
            return Optional.of(bytes.length == 16 ? bytes : mapped(bytes));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** {@code ::ffff:a.b.c.d} */
    private static byte[] mapped(byte[] ipv4) {
        byte[] bytes = new byte[16];
        bytes[10] = (byte) 0xff;
        bytes[11] = (byte) 0xff;
        System.arraycopy(ipv4, 0, bytes, 12, ipv4.length);
        return bytes;
    }

    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(ip, port);
    }

    /** The form that Rust prints: {@code 10.0.0.1:10501}, {@code [fd00::1]:10501}. */
    @Override
    public String toString() {
        String literal = NetUtil.toAddressString(ip, true);
        return ip.getAddress().length == 4 ? literal + ":" + port : "[" + literal + "]:" + port;
    }
}
