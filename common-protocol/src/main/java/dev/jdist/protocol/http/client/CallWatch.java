package dev.jdist.protocol.http.client;

import dev.jdist.protocol.http.Pace;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Watches one call for a peer that has stopped: one that said every second that it is at work and does not any more, one that
 * does not answer what it always answers at once, or one whose answer drips.
 *
 * <p>Time is counted in looks, one every {@link #LOOK}: if this program was itself stopped for a while, or had no processor,
 * that is not held against the peer. Belongs to an event loop.
 */
final class CallWatch {
    /** How often a call is looked at. */
    static final Duration LOOK = Duration.ofMillis(500);

    /** A peer that spoke every second is given up after so much silence. */
    static final Duration SILENCE = Duration.ofSeconds(3);

    /** What an answer that has begun has to bring, in bytes per second: a builder asks no more of those who take its answers. */
    static final long LEAST_RATE = Pace.OF_JOB.bytes() / Pace.OF_JOB.window().toSeconds();

    /** For which that does not count yet. */
    private static final Duration FIRST_BYTES = Duration.ofSeconds(10);

    private final LivenessProbes.@Nullable Watch probe;
    private boolean isVocal;
    private int silentLooks;
    private int answeringLooks;
    private boolean answering;
    private long received;

    /**
     * @param isVocal whether the peer is known to say every second that it is at work
     * @param probe what else to ask it
     */
    CallWatch(boolean isVocal, LivenessProbes.@Nullable Watch probe) {
        this.isVocal = isVocal;
        this.probe = probe;
    }

    /** The peer said that it is at work. */
    void heardSign() {
        isVocal = true;
        silentLooks = 0;
    }

    /** The peer has begun to answer. */
    void heardHead() {
        answering = true;
        silentLooks = 0;
    }

    /** Part of the answer came. */
    void received(int bytes) {
        received += bytes;
        silentLooks = 0;
    }

    /** To be called every {@link #LOOK} while the connection is read from. Tells why the call has to be given up. */
    Optional<String> look() {
        silentLooks++;
        if (isVocal && LOOK.multipliedBy(silentLooks).compareTo(SILENCE) >= 0) {
            return Optional.of("silent for " + SILENCE.toSeconds() + " seconds");
        }
        if (answering) {
            answeringLooks++;
            long due = LOOK.multipliedBy(answeringLooks).minus(FIRST_BYTES).toMillis() * LEAST_RATE / 1000;
            if (received < due) {
                return Optional.of("its answer comes with less than " + LEAST_RATE + " bytes per second");
            }
        } else if (probe != null) {
            return probe.look();
        }
        return Optional.empty();
    }
}
