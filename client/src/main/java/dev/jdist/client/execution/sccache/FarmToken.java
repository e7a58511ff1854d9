package dev.jdist.client.execution.sccache;

import dev.jdist.protocol.config.Secret;
import java.util.Optional;

/** What this client shows the scheduler. */
public interface FarmToken {
    /** The token to show now; none while nobody has logged in. */
    Optional<Secret> current();

    /** Which token it is, and what a person should do when the scheduler refuses it: the rest of a sentence. */
    String whenRefused();

    /** One that stands in the settings. */
    static FarmToken fixed(Secret token) {
        return new FarmToken() {
            @Override
            public Optional<Secret> current() {
                return Optional.of(token);
            }

            @Override
            public String whenRefused() {
                return "the token in [dist.auth]; it must be the one of its [client_auth]";
            }
        };
    }
}
