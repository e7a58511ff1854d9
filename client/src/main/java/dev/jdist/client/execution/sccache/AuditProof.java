package dev.jdist.client.execution.sccache;

import dev.jdist.client.files.Digest;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Decides what it means that a job was done twice. All that is compared was made of the same bytes: the same toolchain's archive, the
 * same command, the same inputs under the same paths.
 *
 * <p>A builder is to blame only if the compiler makes the same here each time, and another machine makes that, too. What two
 * builders agree on while this machine differs is the fault of neither. Where there is no other builder, the one in question is
 * asked again: it is to blame if it insists, or if it now makes what is made here.
 */
final class AuditProof {
    /** A compiler that flips a coin for each object would make the same one so often, and another one on a builder, in one of 64 cases. */
    static final int RUNS_HERE = 6;

    private AuditProof() {}

    /** What a builder made: digests of the files by their paths. */
    record Testimony(ServerId builder, Map<String, Digest> outputs) {}

    /** Those who can do the job once more. Each returns nothing if that could not be done. */
    interface Witnesses {
        /** Whether this machine has nothing else to do. */
        boolean isIdle();

        /** This machine. */
        Optional<Map<String, Digest>> here() throws IOException, InterruptedException;

        /** A builder other than the one in question. */
        Optional<Testimony> another() throws IOException, InterruptedException;

        /** Whichever builder there is. */
        Optional<Testimony> anyone() throws IOException, InterruptedException;

        /** Whether the inputs mention the time of day. */
        boolean dependOnTime() throws IOException;
    }

    /** What came of it. */
    sealed interface Finding {
        /** Nobody could do the job again. */
        record None() implements Finding {}

        record Agreed(Testimony testimony, Optional<Testimony> second) implements Finding {}

        /** Nobody is to blame. @param reason a part of a sentence */
        record Undecided(String reason) implements Finding {}

        /** Somebody is wrong, and this machine cannot tell who. @param second another builder than the one in question */
        record Helpless(Optional<ServerId> second) implements Finding {}

        /** @param reason a part of a sentence */
        record Blamed(ServerId builder, String reason) implements Finding {}
    }

    /** @param made what the builder in question made when it was first asked */
    static Finding find(Testimony made, Witnesses witnesses) throws IOException, InterruptedException {
        Optional<Map<String, Digest>> here = witnesses.isIdle() ? witnesses.here() : Optional.empty();
        Optional<Testimony> other = here.isPresent() ? Optional.empty() : witnesses.another();
        if (here.isEmpty() && other.isEmpty()) {
            return new Finding.None();
        }
        Map<String, Digest> second = here.orElseGet(() -> other.orElseThrow().outputs());
        return second.equals(made.outputs) ? new Finding.Agreed(made, other) : compare(made, here, other, witnesses);
    }

    private static Finding compare(
            Testimony made, Optional<Map<String, Digest>> first, Optional<Testimony> other, Witnesses witnesses)
            throws IOException, InterruptedException {
        if (witnesses.dependOnTime()) {
            return new Finding.Undecided("its source mentions the time of day");
        }
        Optional<Map<String, Digest>> here = first.isPresent() ? first : witnesses.here();
        if (here.isEmpty()) {
            return new Finding.Helpless(other.map(Testimony::builder));
        }
        for (int run = 1; run < RUNS_HERE; run++) {
            if (!witnesses.here().equals(here)) {
                return new Finding.Undecided("its compiler makes another object each time");
            }
        }
        Optional<Testimony> second = other;
        if (second.isEmpty()) {
            second = witnesses.another();
        }
        if (second.isEmpty()) {
            second = witnesses.anyone();
        }
        return second.isPresent()
                ? judge(made, here.get(), second.get())
                : new Finding.Undecided("no builder makes it once more");
    }

    private static Finding judge(Testimony made, Map<String, Digest> here, Testimony second) {
        boolean isRight = made.outputs.equals(here);
        boolean isSecondRight = second.outputs.equals(here);
        boolean isRepeated = second.outputs.equals(made.outputs);
        if (second.builder.equals(made.builder)) {
            if (isSecondRight) {
                return new Finding.Blamed(made.builder, "it made another object than this machine, and then the same");
            }
            return isRepeated
                    ? new Finding.Blamed(made.builder, "it makes another object than this machine, again and again")
                    : new Finding.Undecided("its builder makes another object each time");
        } else if (isRight) {
            return new Finding.Blamed(
                    second.builder, "it made another object than this machine and builder " + made.builder);
        } else if (isSecondRight) {
            return new Finding.Blamed(
                    made.builder, "it made another object than this machine and builder " + second.builder);
        }
        return new Finding.Undecided(
                isRepeated
                        ? "builder " + second.builder + " makes the same, and this machine does not"
                        : "builder " + second.builder + " makes a third object");
    }
}
