package dev.jdist.builder.http;

import dev.jdist.builder.farm.SchedulerLink;
import dev.jdist.builder.job.JobTable;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.Toolchain;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The places that jobs of this builder have at the scheduler. It takes reports in one order only, and without one a place is
 * taken until a lease ends: whatever becomes of a job whose client came, its place is given back by going through that order.
 */
final class JobPlaces {
    private final JobTable jobs;
    private final SchedulerLink scheduler;

    JobPlaces(JobTable jobs, SchedulerLink scheduler) {
        this.jobs = jobs;
        this.scheduler = scheduler;
    }

    /** The toolchain of a job is there. */
    void makeReady(JobId job) {
        if (jobs.makeReady(job)) {
            scheduler.moved(job, JobState.READY);
        }
    }

    /** Takes a job for the one client that may run it; nothing if there is none of this number. */
    Optional<Claim> claim(JobId job) {
        return jobs.claim(job).map(announced -> new Claim(job, announced));
    }

    /** Gives back the places of jobs whose clients do not come, if the scheduler can be told. */
    void giveUnclaimedBack() {
        if (scheduler.takesJobsBack()) {
            jobs.unclaimed().forEach(scheduler::giveBack);
        }
    }

    /** The client of a job will not run it. */
    void giveBack(JobId job) {
        claim(job).ifPresent(Claim::end);
    }

    /** A job that its client has come for. */
    final class Claim {
        private final JobId job;
        private final Toolchain toolchain;
        private JobState known;
        private CompletableFuture<Void> reported = CompletableFuture.completedFuture(null);

        private Claim(JobId job, JobTable.Announced announced) {
            this.job = job;
            this.toolchain = announced.toolchain();
            this.known = announced.known();
        }

        Toolchain toolchain() {
            return toolchain;
        }

        /** The job's inputs are there. */
        void start() {
            report(JobState.STARTED);
        }

        /** The job is over, however it ended. Any thread may say so, and more than once. @return when the scheduler knows */
        CompletableFuture<Void> end() {
            return report(JobState.COMPLETE);
        }

        private synchronized CompletableFuture<Void> report(JobState target) {
            for (JobState next : JobState.values()) {
                if (next.compareTo(known) > 0 && next.compareTo(target) <= 0) {
                    known = next;
                    reported = scheduler.moved(job, next);
                }
            }
            return reported;
        }
    }
}
