package dev.jdist.client.daemon;

import dev.jdist.client.cache.CompileCache.Hit;
import dev.jdist.client.cache.CompileCache.Recipient;
import dev.jdist.client.compile.HitFiles;
import dev.jdist.client.compile.RequestHitCache;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.launcher.Launcher;
import dev.jdist.client.launcher.LauncherOffer;
import dev.jdist.client.outcome.Outcome;
import dev.jdist.client.outcome.UnitLabel;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.unit.OutputPlaces;
import dev.jdist.protocol.wire.Bytes;
import java.time.Duration;
import java.util.BitSet;

/**
 * Answers one launcher: the only place where an outcome becomes what the caller sees. The outcome is counted before the answer
 * leaves, so that a build that asks for statistics at its end finds all of its units. For one thread after the other.
 */
final class LauncherAnswer implements RequestHitCache.Answer {
    private final Launcher launcher;
    private final Statistics statistics;
    private final long started = System.nanoTime();
    private final Outcome.Caller caller = new Outcome.Caller() {
        @Override
        public void become() {
            launcher.become();
        }

        @Override
        public void exit(int code, Bytes stdout, Bytes stderr) {
            launcher.exit(code, stdout, stderr.plus(notice));
        }
    };
    private Bytes notice = Bytes.EMPTY;
    private boolean counted;
    private boolean answered;

    LauncherAnswer(Launcher launcher, Statistics statistics) {
        this.launcher = launcher;
        this.statistics = statistics;
    }

    /** Counts the request, once. */
    void begin() {
        if (!counted) {
            counted = true;
            statistics.requested();
        }
    }

    /** Has the caller told something on standard error, after all that the compiler has to say. */
    void notify(Bytes line) {
        notice = line;
    }

    /** Tells the caller what became of its request. A hit that the launcher took itself has been answered already. */
    void give(Outcome outcome) {
        if (answered) {
            return;
        }
        count(outcome);
        outcome.answer(caller);
    }

    private void count(Outcome outcome) {
        answered = true;
        begin();
        statistics.count(outcome, Duration.ofNanos(System.nanoTime() - started));
    }

    @Override
    public Recipient recipient(OutputPlaces places, UnitLabel label, FileFingerprints more) {
        return new Recipient() {
            private FileFingerprints compared = more;

            @Override
            public void compare(FileFingerprints files) {
                compared = files.and(more);
                launcher.compare(compared);
            }

            @Override
            public BitSet offer(Hit hit) {
                Bytes stdout = hit.result().stdout();
                Bytes stderr = hit.result().stderr();
                return launcher.offer(
                        new LauncherOffer(HitFiles.of(places, hit), stdout, stderr.plus(notice)),
                        () -> count(new Outcome.Hit(label, stdout, stderr)));
            }
        };
    }
}
