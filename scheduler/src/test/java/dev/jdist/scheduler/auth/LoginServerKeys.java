package dev.jdist.scheduler.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.util.List;

/** What a login server has and does: keys, and tokens signed with them. */
public final class LoginServerKeys {
    public static final RSAKey RSA = rsa("rsa-1");
    /** Not published at first. */
    static final RSAKey RSA_LATER = rsa("rsa-2");

    static final ECKey EC_256 = ec(Curve.P_256, "ec-256");
    static final ECKey EC_384 = ec(Curve.P_384, "ec-384");
    static final ECKey EC_521 = ec(Curve.P_521, "ec-521");

    private LoginServerKeys() {}

    private static RSAKey rsa(String kid) {
        try {
            return new RSAKeyGenerator(2048).keyID(kid).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static ECKey ec(Curve curve, String kid) {
        try {
            return new ECKeyGenerator(curve).keyID(kid).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    /** A JWKS document of these keys' public halves. */
    public static String document(JWK... keys) {
        return new JWKSet(List.of(keys)).toString(true);
    }

    public static String document() {
        return document(RSA, EC_256, EC_384, EC_521);
    }

    public static String sign(JWK key, JWSAlgorithm algorithm, String type, JWTClaimsSet claims) {
        JWSHeader.Builder header = new JWSHeader.Builder(algorithm).keyID(key.getKeyID());
        SignedJWT token =
                new SignedJWT((type == null ? header : header.type(new JOSEObjectType(type))).build(), claims);
        try {
            JWSSigner signer = key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner(key.toECKey());
            token.sign(signer);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
        return token.serialize();
    }
}
