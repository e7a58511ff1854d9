package dev.jdist.protocol.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Reads JSON of the shapes that serde_json writes. Fields may come in any order; a field too many is an error. */
public final class JsonWireReader implements WireReader {
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(32).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();
    private static final BigInteger U64_MAX =
            BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

    /** The value to be read next. */
    private JsonNode current;
    /** The containers around {@link #current}, innermost first, with how much of each was read. */
    private final Deque<Container> open = new ArrayDeque<>();

    private static final class Container {
        final JsonNode node;
        /** Whether {@link #field} counts what was read; in arrays and variants {@link #next} does. */
        final boolean isStruct;

        int read;

        Container(JsonNode node, boolean isStruct) {
            this.node = node;
            this.isStruct = isStruct;
        }
    }

    private JsonWireReader(JsonNode root) {
        this.current = root;
    }

    static JsonWireReader of(byte[] body) {
        try {
            // Given bytes, Jackson would guess the encoding, and pass some that are not UTF-8.
            JsonNode root = MAPPER.readTree(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString());
            if (root == null) {
                throw new WireFormatException("the message is empty");
            }
            return new JsonWireReader(root);
        } catch (JsonProcessingException e) {
            throw new WireFormatException("the message is not JSON: " + e.getOriginalMessage(), e);
        } catch (CharacterCodingException e) {
            throw new WireFormatException("the message is not UTF-8", e);
        }
    }

    @Override
    public void beginStruct() {
        if (!next().isObject()) {
            throw unexpected("an object");
        }
        open.push(new Container(current, true));
    }

    @Override
    public WireReader field(String name) {
        Container struct = open.peek();
        JsonNode value = struct == null ? null : struct.node.get(name);
        if (value == null) {
            throw new WireFormatException("the field \"" + name + "\" is missing");
        }
        struct.read++;
        current = value;
        return this;
    }

    @Override
    public void endStruct() {
        Container struct = open.pop();
        if (struct.read != struct.node.size()) {
            throw new WireFormatException(
                    "the object has " + struct.node.size() + " fields where " + struct.read + " are known");
        }
    }

    @Override
    public long u64() {
        BigInteger value = integer();
        if (value.signum() < 0 || value.compareTo(U64_MAX) > 0) {
            throw unexpected("an unsigned 64-bit number");
        }
        return value.longValue();
    }

    @Override
    public int i32() {
        BigInteger value = integer();
        if (value.bitLength() > 31) {
            throw unexpected("a 32-bit number");
        }
        return value.intValue();
    }

    @Override
    public boolean bool() {
        if (!next().isBoolean()) {
            throw unexpected("true or false");
        }
        return current.booleanValue();
    }

    @Override
    public String string() {
        if (!next().isTextual()) {
            throw unexpected("a string");
        }
        String text = current.textValue();
        try {
            // JSON's escapes can spell half a surrogate pair, which is no character and which bincode could not carry.
            int octets = StandardCharsets.UTF_8
                    .newEncoder()
                    .encode(CharBuffer.wrap(text))
                    .remaining();
            if (octets > WireLimits.STRING) {
                throw new WireFormatException("a string of " + octets + " is over the limit of " + WireLimits.STRING);
            }
        } catch (CharacterCodingException e) {
            throw new WireFormatException("a string is not Unicode", e);
        }
        return text;
    }

    @Override
    public Bytes bytes() {
        JsonNode array = next();
        if (!array.isArray()) {
            throw unexpected("an array of numbers");
        }
        byte[] octets = new byte[array.size()];
        for (int i = 0; i < octets.length; i++) {
            JsonNode octet = array.get(i);
            if (!octet.isInt() || octet.intValue() < 0 || octet.intValue() > 255) {
                throw unexpected("an array of numbers from 0 to 255");
            }
            octets[i] = (byte) octet.intValue();
        }
        return Bytes.wrap(octets);
    }

    @Override
    public int beginList(int limit) {
        beginTuple();
        int size = open.element().node.size();
        if (size > limit) {
            throw new WireFormatException("a list of " + size + " is over the limit of " + limit);
        }
        return size;
    }

    @Override
    public void endList() {
        endTuple();
    }

    @Override
    public void beginTuple() {
        if (!next().isArray()) {
            throw unexpected("an array");
        }
        open.push(new Container(current, false));
    }

    @Override
    public void endTuple() {
        Container array = open.pop();
        if (array.read != array.node.size()) {
            throw new WireFormatException(
                    "an array of " + array.node.size() + " where " + array.read + " were expected");
        }
    }

    @Override
    public int variant(String... names) {
        JsonNode node = next();
        String name;
        if (node.isTextual()) {
            name = node.textValue();
            open.push(new Container(node, false));
        } else if (node.isObject() && node.size() == 1) {
            name = node.fieldNames().next();
            open.push(new Container(node, false));
            current = node.get(name);
        } else {
            throw unexpected("the name of a variant");
        }
        int index = List.of(names).indexOf(name);
        if (index < 0) {
            throw new WireFormatException("unknown variant; known are " + String.join(", ", names));
        }
        return index;
    }

    @Override
    public void endVariant() {
        Container variant = open.pop();
        if (variant.node.isObject()
                && variant.read == 0
                && !variant.node.elements().next().isNull()) {
            throw new WireFormatException("a value where the variant has none");
        }
    }

    @Override
    public ServerId socketAddress() {
        try {
            return ServerId.parse(string());
        } catch (IllegalArgumentException e) {
            throw new WireFormatException(Reason.of(e), e);
        }
    }

    private BigInteger integer() {
        if (!next().isIntegralNumber()) {
            throw unexpected("a whole number");
        }
        return current.bigIntegerValue();
    }

    /** The value to read: the next element where an array is open, what {@link #field} found otherwise. */
    private JsonNode next() {
        Container container = open.peek();
        if (container == null || container.isStruct) {
            return current;
        }
        if (container.node.isArray()) {
            JsonNode element = container.node.get(container.read);
            if (element == null) {
                throw new WireFormatException("an array of " + container.node.size() + " is too short");
            }
            current = element;
        }
        container.read++;
        return current;
    }

    private WireFormatException unexpected(String wanted) {
        return new WireFormatException("expected " + wanted + ", found " + current.getNodeType());
    }
}
