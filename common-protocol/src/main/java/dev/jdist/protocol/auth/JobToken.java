package dev.jdist.protocol.auth;

import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.wire.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * What lets its bearer run one job on one builder: a JWT with claims exactly {@code {"exp":0,"job_id":N}}, signed by the
 * scheduler with the key of that builder's heartbeat.
 */
public final class JobToken {
    private JobToken() {}

    /** @throws IllegalArgumentException if the key is too short */
    public static String sign(JobId job, Bytes key) {
        return Hs256.sign("{\"exp\":0,\"job_id\":" + job + "}", key);
    }

    public static boolean verify(String token, JobId job, Bytes key) {
        if (key.size() < Hs256.KEY_BYTES) {
            return false;
        }
        // The usual token, in the usual order, needs no parser. Anything else may still say the same.
        return MessageDigest.isEqual(
                        token.getBytes(StandardCharsets.UTF_8), sign(job, key).getBytes(StandardCharsets.UTF_8))
                || Hs256.verify(token, key)
                        .map(claims -> claims.size() == 2
                                && claims.get("exp") instanceof Number exp
                                && exp.toString().equals("0")
                                && claims.get("job_id") instanceof Number id
                                && id.toString().equals(job.toString()))
                        .orElse(false);
    }
}
