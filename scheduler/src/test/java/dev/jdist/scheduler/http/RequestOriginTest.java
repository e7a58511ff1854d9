package dev.jdist.scheduler.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jdist.protocol.wire.IpAddress;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RequestOriginTest {
    private static final InetAddress PROXY = IpAddress.parse("127.0.0.1");
    private static final InetAddress STRANGER = IpAddress.parse("10.0.0.66");
    private static final InetAddress BUILDER = IpAddress.parse("10.0.0.7");

    @Test
    void of_noHeader_isThePeer() {
        assertEquals(BUILDER, new RequestOrigin(Optional.empty()).of(BUILDER, Optional.empty()));
        assertEquals(BUILDER, new RequestOrigin(Optional.of(Set.of(PROXY))).of(BUILDER, Optional.empty()));
    }

    @Test
    void of_headerAndNoProxiesNamed_isWhatAnybodySays() {
        assertEquals(BUILDER, new RequestOrigin(Optional.empty()).of(STRANGER, Optional.of("10.0.0.7")));
    }

    @Test
    void of_headerFromANamedProxy_isWhatItSays() {
        assertEquals(BUILDER, new RequestOrigin(Optional.of(Set.of(PROXY))).of(PROXY, Optional.of("10.0.0.7")));
    }

    @Test
    void of_headerFromAnybodyElse_isIgnored() {
        assertEquals(STRANGER, new RequestOrigin(Optional.of(Set.of(PROXY))).of(STRANGER, Optional.of("10.0.0.7")));
        assertEquals(STRANGER, new RequestOrigin(Optional.of(Set.of())).of(STRANGER, Optional.of("nonsense")));
    }

    @Test
    void proven_isWhatNamedProxiesSayAndNobodyElse() {
        RequestOrigin named = new RequestOrigin(Optional.of(Set.of(PROXY)));
        assertEquals(BUILDER, named.proven(PROXY, Optional.of("10.0.0.7")));
        assertEquals(STRANGER, named.proven(STRANGER, Optional.of("10.0.0.7")));
        assertEquals(STRANGER, new RequestOrigin(Optional.empty()).proven(STRANGER, Optional.of("10.0.0.7")));
    }

    @Test
    void of_proxyThatNamesNoAddress_isRefused() {
        RequestOrigin origin = new RequestOrigin(Optional.empty());

        assertThrows(IllegalArgumentException.class, () -> origin.of(PROXY, Optional.of("localhost")));
    }
}
