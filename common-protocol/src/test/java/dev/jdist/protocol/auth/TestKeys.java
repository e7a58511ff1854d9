package dev.jdist.protocol.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import dev.jdist.protocol.wire.Bytes;

/** Keys that are the same in every run, and tokens that no peer makes. */
public final class TestKeys {
    private TestKeys() {}

    /** 0, 1, 2 and so on. */
    static Bytes counting(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return Bytes.wrap(bytes);
    }

    /** Signed with {@code counting(64)} and the wrong algorithm. */
    static String hs512(String claims) throws JOSEException {
        JWSObject token = new JWSObject(new JWSHeader(JWSAlgorithm.HS512), new Payload(claims));
        token.sign(new MACSigner(counting(64).toByteArray()));
        return token.serialize();
    }
}
