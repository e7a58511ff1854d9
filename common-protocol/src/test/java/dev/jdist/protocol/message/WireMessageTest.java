package dev.jdist.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.protocol.wire.WireFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message in both encodings, against bytes that Rust made. */
class WireMessageTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void toBincode_anyMessage_isWhatRustWrites(WireSample sample) {
        assertEquals(sample.hex(), HexFormat.of().formatHex(sample.message().toBincode()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void toJson_anyMessage_isWhatSerdeJsonWrites(WireSample sample) {
        assertEquals(sample.json(), new String(sample.message().toJson(), StandardCharsets.UTF_8));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void fromBincode_whatRustWrites_isTheMessage(WireSample sample) {
        assertEquals(sample.message(), sample.decoder().fromBincode(sample.bincode()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void fromJson_whatSerdeJsonWrites_isTheMessage(WireSample sample) {
        assertEquals(sample.message(), sample.decoder().fromJson(sample.jsonBytes()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void fromBincode_trailingBytes_areTolerated(WireSample sample) {
        byte[] longer = Arrays.copyOf(sample.bincode(), sample.bincode().length + 3);
        assertEquals(sample.message(), sample.decoder().fromBincode(longer));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void fromJson_trailingText_isRefused(WireSample sample) {
        assertRefusedJson(sample, sample.json() + " x");
        assertRefusedJson(sample, sample.json() + sample.json());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void fromBincode_cutAnywhere_isRefused(WireSample sample) {
        byte[] whole = sample.bincode();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(
                    WireFormatException.class, () -> sample.decoder().fromBincode(cut), "cut to " + length + " bytes");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void fromJson_cutAnywhere_isRefused(WireSample sample) {
        byte[] whole = sample.jsonBytes();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(
                    WireFormatException.class, () -> sample.decoder().fromJson(cut), "cut to " + length + " bytes");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void fromJson_fieldMissing_isRefused(WireSample sample) throws IOException {
        JsonNode whole = JSON.readTree(sample.jsonBytes());
        for (int object = 0; object < objects(whole).size(); object++) {
            List<String> names = new ArrayList<>();
            objects(whole).get(object).fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                JsonNode copy = whole.deepCopy();
                objects(copy).get(object).remove(name);
                assertRefusedJson(sample, copy.toString());
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void fromJson_fieldTooMany_isRefused(WireSample sample) throws IOException {
        JsonNode whole = JSON.readTree(sample.jsonBytes());
        for (int object = 0; object < objects(whole).size(); object++) {
            JsonNode copy = whole.deepCopy();
            objects(copy).get(object).put("surplus", 1);
            assertRefusedJson(sample, copy.toString());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void fromJson_valueOfAnotherKind_isRefused(WireSample sample) throws IOException {
        JsonNode whole = JSON.readTree(sample.jsonBytes());
        for (int object = 0; object < objects(whole).size(); object++) {
            List<String> names = new ArrayList<>();
            objects(whole).get(object).fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                for (String other : List.of("null", "1.5", "{}")) {
                    JsonNode copy = whole.deepCopy();
                    objects(copy).get(object).set(name, JSON.readTree(other));
                    assertRefusedJson(sample, copy.toString());
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void fromJson_fieldsInAnotherOrder_isTheMessage(WireSample sample) throws IOException {
        JsonNode whole = JSON.readTree(sample.jsonBytes());
        for (ObjectNode object : objects(whole)) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            for (int i = names.size() - 1; i >= 0; i--) {
                object.set(names.get(i), object.remove(names.get(i)));
            }
        }
        assertEquals(
                sample.message(), sample.decoder().fromJson(whole.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /** What must not reach a log does not, however a message is printed. */
    @Test
    void toString_messagesWithSecrets_doesNotShowThem() {
        Heartbeat heartbeat =
                new Heartbeat(Bytes.utf8("key-material"), 1, 1, new ServerCertificate(Bytes.EMPTY, Bytes.EMPTY));
        AllocJobResult alloc = new AllocJobResult.Success(
                new JobAlloc("the-token", new JobId(7), ServerId.parse("1.2.3.4:5")), false, Bytes.EMPTY);
        CompileCommand command =
                new CompileCommand("/cc", List.of(), List.of(new EnvironmentVariable("API_KEY", "the-value")), "/");

        assertFalse(heartbeat.toString().contains("key-material"), heartbeat.toString());
        assertFalse(alloc.toString().contains("the-token"), alloc.toString());
        assertFalse(command.toString().contains("the-value"), command.toString());
    }

    @Test
    void constructor_listsChangedLater_doNotChangeTheMessage() {
        List<String> names = new ArrayList<>(List.of("-c"));
        CompileCommand command = new CompileCommand("/cc", names, List.of(), "/");
        RunJobRequest request = new RunJobRequest(command, names);
        names.add("more");

        assertEquals(List.of("-c"), command.arguments());
        assertEquals(List.of("-c"), request.outputs());
    }

    private static void assertRefusedJson(WireSample sample, String json) {
        assertThrows(
                WireFormatException.class,
                () -> sample.decoder().fromJson(json.getBytes(StandardCharsets.UTF_8)),
                () -> "accepted: " + json);
    }

    /** All objects in {@code node}, outermost first. */
    private static List<ObjectNode> objects(JsonNode node) {
        List<ObjectNode> found = new ArrayList<>();
        if (node instanceof ObjectNode object) {
            found.add(object);
        }
        node.forEach(child -> found.addAll(objects(child)));
        return found;
    }
}
