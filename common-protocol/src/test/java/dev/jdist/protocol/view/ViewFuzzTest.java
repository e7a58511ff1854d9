package dev.jdist.protocol.view;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Fuzz;
import dev.jdist.protocol.wire.WireDecoder;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Any bytes are a listing or message, or a {@link WireFormatException}. What was read is written as it was: nothing has two
 * forms, or else it would have two digests.
 */
class ViewFuzzTest {
    @Test
    void decodeListing_anyBytes_isTheListingWithThisFormOrRefusal() {
        List<byte[]> samples = new ArrayList<>();
        samples.add(ViewSamples.COMPLETE.encode().toByteArray());
        samples.add(ViewSamples.PARTIAL.encode().toByteArray());
        SplittableRandom random = new SplittableRandom(17);
        for (int entries = 0; entries < 20; entries++) {
            samples.add(ViewSamples.random(random, entries).encode().toByteArray());
        }
        Fuzz.bytes(
                1,
                samples,
                input -> {
                    Listing listing = Listing.decode(input);
                    assertArrayEquals(input, listing.encode().toByteArray());
                    assertEquals(listing, Listing.decode(input));
                },
                WireFormatException.class);
    }

    @Test
    void decodeRequest_anyBytes_isTheMessageWithThisFormOrRefusal() {
        messages(List.of(ViewSamples.REQUEST), RunSourcesRequest::decode);
    }

    @Test
    void decodeAnswers_anyBytes_isTheMessageWithThisFormOrRefusal() {
        List<WireMessage> samples = new ArrayList<>(List.of(ViewSamples.ANSWERS));
        SplittableRandom random = new SplittableRandom(17);
        for (int entries = 0; entries < 10; entries++) {
            samples.add(ViewSamples.randomAnswers(random, entries));
        }
        messages(samples, SourceAnswers::decode);
    }

    @Test
    void decodeReply_anyBytes_isTheMessageWithThisFormOrRefusal() {
        messages(
                List.of(ViewSamples.ASK, ViewSamples.DONE, new RunSourcesReply.JobNotFound()), RunSourcesReply::decode);
    }

    private static void messages(List<WireMessage> samples, WireDecoder<? extends WireMessage> decoder) {
        Fuzz.bytes(
                0.9,
                samples.stream().map(WireMessage::toBincode).toList(),
                input -> {
                    WireMessage message = decoder.fromBincode(input);
                    byte[] written = message.toBincode();
                    // Bytes behind a message are ignored.
                    assertArrayEquals(Arrays.copyOf(input, written.length), written);
                    assertEquals(message, decoder.fromJson(message.toJson()));
                },
                WireFormatException.class);
        Fuzz.bytes(
                0.1,
                samples.stream().map(WireMessage::toJson).toList(),
                input -> {
                    WireMessage message = decoder.fromJson(input);
                    assertEquals(message, decoder.fromBincode(message.toBincode()));
                },
                WireFormatException.class);
    }

    @Test
    void readBody_anyBytes_isBytesOrRefusal() throws IOException {
        List<byte[]> samples = new ArrayList<>();
        for (WireMessage message : List.of(ViewSamples.REQUEST, ViewSamples.ANSWERS)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            SourcesBody.write(message, out);
            samples.add(out.toByteArray());
        }
        Fuzz.bytes(
                0.3,
                samples,
                input -> SourcesBody.read(Bytes.wrap(input), OutputStream.nullOutputStream(), 1 << 20),
                WireFormatException.class);
    }
}
