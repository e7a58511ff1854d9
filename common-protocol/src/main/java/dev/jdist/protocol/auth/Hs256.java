package dev.jdist.protocol.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.KeyLengthException;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.util.Base64URL;
import dev.jdist.protocol.wire.Bytes;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * JSON web tokens signed with HMAC-SHA-256. A token is a pure function of claims and key, byte for byte the one that
 * sccache makes, so that either side may compare instead of parse.
 */
public final class Hs256 {
    /** A key in bytes: shorter ones are refused. */
    static final int KEY_BYTES = 32;

    /** {@code {"typ":"JWT","alg":"HS256"}}, in just this order. */
    private static final Base64URL HEADER = Base64URL.encode("{\"typ\":\"JWT\",\"alg\":\"HS256\"}");

    /** Three runs of base64url. The parser would skip whatever else stands in them. */
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){2}");

    private Hs256() {}

    /** @throws IllegalArgumentException if the key is too short */
    static String sign(String claims, Bytes key) {
        try {
            JWSObject token = new JWSObject(JWSHeader.parse(HEADER), new Payload(claims));
            token.sign(new MACSigner(key.toByteArray()));
            return token.serialize();
        } catch (KeyLengthException e) {
            throw new IllegalArgumentException("the key has fewer than " + KEY_BYTES + " bytes", e);
        } catch (JOSEException | ParseException e) {
            throw new IllegalStateException("HS256 is not available", e);
        }
    }

    /** The claims of a token whose signature is right, or nothing. */
    static Optional<Map<String, Object>> verify(String token, Bytes key) {
        try {
            JWSObject parsed = parse(token);
            boolean genuine = JWSAlgorithm.HS256.equals(parsed.getHeader().getAlgorithm())
                    && parsed.verify(new MACVerifier(key.toByteArray()));
            return genuine ? Optional.ofNullable(parsed.getPayload().toJSONObject()) : Optional.empty();
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The claims of a token, whoever signed it. */
    static Optional<Map<String, Object>> unverified(String token) {
        try {
            return Optional.ofNullable(parse(token).getPayload().toJSONObject());
        } catch (ParseException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static JWSObject parse(String token) throws ParseException {
        if (!FORM.matcher(token).matches()) {
            throw new ParseException("not a signed token", 0);
        }
        return JWSObject.parse(token);
    }
}
