package dev.jdist.protocol.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerIdTest {
    /** The right-hand side is what Rust's {@code SocketAddr} prints for the left. */
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1:10501, 10.0.0.1:10501",
        "255.255.255.255:65535, 255.255.255.255:65535",
        "0.0.0.0:0, 0.0.0.0:0",
        "1.2.3.4:00080, 1.2.3.4:80",
        "[::]:1, [::]:1",
        "[::1]:1, [::1]:1",
        "[1::]:1, [1::]:1",
        "[FD00:0:0::00a]:1, [fd00::a]:1",
        "[2001:db8:0:1:1:1:1:1]:1, [2001:db8:0:1:1:1:1:1]:1",
        "[2001:0:0:1:0:0:0:1]:1, [2001:0:0:1::1]:1",
        "[2001:db8:0:0:1:0:0:1]:1, [2001:db8::1:0:0:1]:1",
        "[1:0:0:2:3:4:5:6]:1, [1::2:3:4:5:6]:1",
        "[0:1:2:3:4:5:0:0]:1, [0:1:2:3:4:5::]:1",
        "[1:2:3:4:5:6:7:8]:1, [1:2:3:4:5:6:7:8]:1",
        "[::ffff:10.0.0.1]:1, [::ffff:10.0.0.1]:1",
        "[::FFFF:a00:1]:1, [::ffff:10.0.0.1]:1",
        "[::10.0.0.1]:1, [::a00:1]:1",
        "[64:ff9b::1.2.3.4]:1, [64:ff9b::102:304]:1",
    })
    void toString_anyAddress_isWhatRustPrints(String text, String printed) {
        assertEquals(printed, ServerId.parse(text).toString());
        assertEquals(ServerId.parse(text), ServerId.parse(printed));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":1",
                "1.2.3.4",
                "1.2.3.4:",
                "1.2.3.4:x",
                "1.2.3.4:-1",
                "1.2.3.4:+5",
                "1.2.3.4: 5",
                " 1.2.3.4:5",
                "1.2.3.4:5 ",
                "1.2.3.4:65536",
                "1.2.3.4:99999",
                "1.2.3:1",
                "1.2.3.256:1",
                "01.2.3.4:1",
                "1.2.3.04:1",
                "0x7f.0.0.1:1",
                "2130706433:1",
                "localhost:1",
                "builder.local:10501",
                "::1:5",
                "[::1]",
                "[::1]5",
                "[::1:5",
                "::1]:5",
                "[1.2.3.4]:5",
                "[]:5",
                "[",
                "[fe80::1%eth0]:5",
                "[fe80::1%1]:5",
                "[:::]:5",
                "[1::2::3]:5",
                "[12345::]:5",
                "[::1.2.3.256]:5",
                "1.2.3.4:٣"
            })
    void parse_notAnAddress_isRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> ServerId.parse(text));
    }

    @Test
    void parse_hostName_saysWhatWouldBeRight() {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> ServerId.parse("builder1:10501"));

        assertEquals(
                "\"builder1\" is not an IP address (host names do not work here; write 192.168.1.5 or [fd00::5])",
                refusal.getMessage());
    }

    @Test
    void parse_portTooLarge_saysSo() {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> ServerId.parse("1.2.3.4:65536"));

        assertEquals("port 65536 is not between 0 and 65535", refusal.getMessage());
    }

    @Test
    void equals_ipv4AndItsMappedForm_areTwo() {
        assertNotEquals(ServerId.parse("10.0.0.1:1"), ServerId.parse("[::ffff:10.0.0.1]:1"));
    }

    /** A link-local peer's address bears an interface, which has no place on the wire. */
    @Test
    void equals_addressWithScope_isTheOneWithout() throws UnknownHostException {
        byte[] bytes = InetAddress.getByName("fe80::1").getAddress();
        ServerId scoped = new ServerId(Inet6Address.getByAddress(null, bytes, 1), 5);

        assertEquals(ServerId.parse("[fe80::1]:5"), scoped);
        assertEquals("[fe80::1]:5", scoped.toString());
    }

    @Test
    void constructor_portOutOfRange_isRefused() {
        InetAddress any = InetAddress.getLoopbackAddress();

        assertThrows(IllegalArgumentException.class, () -> new ServerId(any, -1));
        assertThrows(IllegalArgumentException.class, () -> new ServerId(any, 65536));
        assertThrows(NullPointerException.class, () -> new ServerId(null, 1));
    }

    @Test
    void toSocketAddress_anyAddress_isResolved() {
        assertTrue(ServerId.parse("10.0.0.1:5").toSocketAddress().getAddress().isSiteLocalAddress());
        assertEquals(5, ServerId.parse("10.0.0.1:5").toSocketAddress().getPort());
    }
}
