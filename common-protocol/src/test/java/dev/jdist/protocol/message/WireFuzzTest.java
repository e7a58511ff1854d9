package dev.jdist.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.protocol.wire.Fuzz;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.protocol.wire.WireDecoder;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireMessage;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Any bytes are a message or a {@link WireFormatException}; a message that was read survives another journey. */
class WireFuzzTest {
    private static final List<WireSample> SAMPLES = WireSample.all().toList();

    @Test
    void fromBincode_anyBytes_isMessageOrRefusal() {
        for (WireSample sample : SAMPLES) {
            Fuzz.bytes(
                    1.0 / SAMPLES.size(),
                    List.of(sample.bincode()),
                    input -> read(sample.decoder(), () -> sample.decoder().fromBincode(input)));
        }
    }

    @Test
    void fromJson_anyText_isMessageOrRefusal() {
        for (WireSample sample : SAMPLES) {
            Fuzz.bytes(
                    1.0 / SAMPLES.size(),
                    List.of(sample.jsonBytes()),
                    input -> read(sample.decoder(), () -> sample.decoder().fromJson(input)));
        }
    }

    @Test
    void parseAddressOrJobId_anyText_isValueOrRefusal() {
        List<String> samples = List.of(
                "10.0.0.1:10501", "[fd00::1]:10501", "[::ffff:1.2.3.4]:5", "localhost:1", "18446744073709551615", "0");
        Fuzz.text(
                0.5,
                samples,
                text -> {
                    ServerId id = ServerId.parse(text);
                    assertEquals(id, ServerId.parse(id.toString()));
                },
                IllegalArgumentException.class);
        Fuzz.text(
                0.5,
                samples,
                text -> {
                    JobId id = JobId.parse(text);
                    assertEquals(id, JobId.parse(id.toString()));
                },
                IllegalArgumentException.class);
    }

    private static void read(WireDecoder<? extends WireMessage> decoder, Supplier<WireMessage> decoded) {
        WireMessage message;
        try {
            message = decoded.get();
        } catch (WireFormatException e) {
            return;
        }
        assertEquals(message, decoder.fromBincode(message.toBincode()));
        assertEquals(message, decoder.fromJson(message.toJson()));
    }
}
