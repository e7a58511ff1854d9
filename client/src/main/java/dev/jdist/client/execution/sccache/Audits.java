package dev.jdist.client.execution.sccache;

import dev.jdist.client.cache.storage.EntryOrigin;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.FarmException;
import dev.jdist.client.execution.Verdict;
import dev.jdist.client.execution.sccache.AuditProof.Finding;
import dev.jdist.client.execution.sccache.AuditProof.Testimony;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.client.toolchain.ToolchainRoot;
import dev.jdist.protocol.wire.ServerId;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has some of the jobs that builders did done a second time, and compares. That begins when nobody needs the first result any more,
 * on a thread of its own, for one job after the other: at once on this machine if a command would not have to wait here, else by
 * another builder. A job that finds too many before it is not audited. {@link AuditProof} decides who is to blame.
 */
public final class Audits implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Audits.class);

    private static final int ALL = 1000;
    /** Jobs that wait. */
    private static final int MOST_WAITING = 16;
    /** Bytes of their inputs and outputs, which are in the room that jobs under way need. */
    private static final long MOST_BYTES = 64 << 20;
    /** How long a builder is left alone that was wrong. */
    private static final Duration PAUSE = Duration.ofHours(24);

    private static final int IDLE_SECONDS = 10;

    private final Settings settings;
    private final LocalSlots slots;
    private final BuilderHealth health;
    private final AuditHistory history;
    private final Runner builders;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    /** Whether the log says that audits are of no use here: once is enough. */
    private final AtomicBoolean isHelplessKnown = new AtomicBoolean();

    /** Makes a toolchain's archive a root directory. */
    public interface Unpacker {
        /** @return nothing if this machine does not allow that */
        Optional<ToolchainRoot> unpack(PackagedToolchain toolchain) throws IOException, InterruptedException;
    }

    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), task -> {
                Thread auditor = new Thread(task, "audit");
                auditor.setDaemon(true);
                return auditor;
            });

    /** Is told of what audits find. */
    public interface Listener {
        /** @param agreed nothing if nobody is to blame for a difference */
        void audited(Optional<Boolean> agreed);

        /** Results of a builder that was wrong are not to be used any more. */
        void distrust(ServerId builder, Predicate<EntryOrigin> results);
    }

    /**
     * How jobs are audited.
     *
     * @param perMille how many of a thousand are
     * @param toolchains makes their archives root directories
     * @param history where it is kept what was found; nothing for nowhere
     */
    public record Settings(int perMille, Unpacker toolchains, Optional<Path> history, Listener listener) {
        /** Nothing is audited. */
        public static final Settings OFF =
                new Settings(0, toolchain -> Optional.empty(), Optional.empty(), new Listener() {
                    @Override
                    public void audited(Optional<Boolean> agreed) {}

                    @Override
                    public void distrust(ServerId builder, Predicate<EntryOrigin> results) {}
                });
    }

    /** Has builders do a job once more. */
    interface Runner {
        /**
         * @param without builders that must not do it
         * @param gone completes when nobody wants the result any more
         */
        ActionResult run(RemoteJob job, Set<ServerId> without, CompletionStage<Void> gone)
                throws FarmException, InterruptedException;

        /** Whether builders can be left out. */
        boolean canChoose();
    }

    Audits(Settings settings, LocalSlots slots, BuilderHealth health, Runner builders) {
        this.settings = settings;
        this.slots = slots;
        this.health = health;
        this.history = new AuditHistory(settings.perMille == 0 ? Optional.empty() : settings.history);
        this.builders = builders;
        thread.allowCoreThreadTimeOut(true);
        remember();
    }

    /** What earlier daemons found still holds. */
    private void remember() {
        long now = System.currentTimeMillis();
        history.doubtful().forEach((builder, until) -> {
            if (until > now) {
                health.accuse(builder, "an audit found that it makes other objects", Duration.ofMillis(until - now));
                settings.listener.distrust(builder, history.doubtfulResults(builder, until));
            }
        });
    }

    /** Whether a job that a builder has just done is to be audited. */
    boolean want(ActionResult result) {
        return settings.perMille > 0
                && result.code() == 0
                && (ThreadLocalRandom.current().nextInt(ALL) < settings.perMille
                        || history.isDoubtful(ServerId.parse(result.executor())));
    }

    /**
     * The same result, which is audited when it is closed, if it was good.
     *
     * @param job is closed when it is not needed any more
     */
    ActionResult watch(RemoteJob job, ActionResult result) {
        AuditSample sample = new AuditSample(
                job, ServerId.parse(result.executor()), result.outputs(), result.millis(), result.origin());
        AtomicBoolean isGood = new AtomicBoolean();
        AtomicBoolean isClosed = new AtomicBoolean();
        Closeable origin = () -> {
            if (isClosed.getAndSet(true)) {
                return;
            } else if (isGood.get()) {
                take(sample);
            } else {
                sample.close();
            }
        };
        return result.with(
                (verdict, reason) -> {
                    isGood.compareAndSet(false, verdict == Verdict.GOOD);
                    result.judge().judge(verdict, reason);
                },
                origin);
    }

    private void take(AuditSample sample) throws IOException {
        long bytes = sample.length();
        boolean isTaken = false;
        try {
            if (waitingBytes.addAndGet(bytes) <= MOST_BYTES) {
                thread.execute(() -> {
                    try {
                        audit(sample);
                    } finally {
                        waitingBytes.addAndGet(-bytes);
                    }
                });
                isTaken = true;
            }
        } catch (RejectedExecutionException e) {
            // There are too many, or the daemon stops.
        }
        if (!isTaken) {
            waitingBytes.addAndGet(-bytes);
            log.debug("{} is not audited: too much waits already", sample.job());
            sample.close();
        }
    }

    private void audit(AuditSample sample) {
        try (sample;
                AuditWitnesses witnesses = new AuditWitnesses(sample, slots, settings.toolchains, builders, closed)) {
            note(sample, AuditProof.find(sample.testimony(), witnesses));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            log.debug("{} is not audited: {}", sample.job(), e.toString());
        }
    }

    private void note(AuditSample sample, Finding finding) {
        if (finding instanceof Finding.Agreed agreed) {
            agree(sample, agreed.testimony());
            agreed.second().ifPresent(second -> agree(sample, second));
            settings.listener.audited(Optional.of(true));
        } else if (finding instanceof Finding.Undecided undecided) {
            log.info(
                    "builder {} made another object than was made for an audit, for which nobody is to blame: {}",
                    sample.builder(),
                    undecided.reason());
            settings.listener.audited(Optional.empty());
        } else if (finding instanceof Finding.Helpless helpless) {
            settings.listener.audited(Optional.empty());
            if (!isHelplessKnown.getAndSet(true)) {
                log.warn(
                        "builder {} makes another object than {}, and nobody can tell who is right: install bubblewrap on this"
                                + " machine, so that it can",
                        sample.builder(),
                        helpless.second().map(builder -> "builder " + builder).orElse("this machine"));
            }
        } else if (finding instanceof Finding.Blamed blamed) {
            settings.listener.audited(Optional.of(false));
            blame(sample, blamed);
        } else {
            log.debug("{} is not audited: nobody has time for it", sample.job());
        }
    }

    private void agree(AuditSample sample, Testimony who) {
        history.agreed(who.builder(), sample.job().toolchain().toolchain(), sample.millis());
    }

    private void blame(AuditSample sample, Finding.Blamed blamed) {
        String last = history.lastAgreed(
                        blamed.builder(), sample.job().toolchain().toolchain())
                .map(millis -> "what it made before " + Instant.ofEpochMilli(millis) + " is right")
                .orElse("nothing that it made was audited before");
        String reason = blamed.reason() + " (" + sample.name() + "), and " + last;
        long until = System.currentTimeMillis() + PAUSE.toMillis();
        Predicate<EntryOrigin> results = history.doubtfulResults(blamed.builder(), until);
        health.accuse(blamed.builder(), reason, PAUSE);
        settings.listener.distrust(blamed.builder(), results);
        history.differed(blamed.builder(), until);
    }

    /** Ends what is under way. */
    @Override
    public void close() {
        closed.complete(null);
        thread.shutdownNow();
    }
}
