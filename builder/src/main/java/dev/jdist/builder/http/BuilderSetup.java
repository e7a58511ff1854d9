package dev.jdist.builder.http;

import dev.jdist.builder.farm.CpuTimes;
import dev.jdist.builder.farm.Fitness;
import dev.jdist.builder.farm.IdleWatch;
import dev.jdist.builder.job.JobRules;
import dev.jdist.builder.store.ContentStore;
import dev.jdist.builder.toolchain.ToolchainStore;
import dev.jdist.protocol.settings.IdleSettings;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.sandbox.Isolation;
import java.time.Duration;
import java.util.Optional;

/**
 * What a builder is made of.
 *
 * @param isolation in which jobs run
 * @param contents of clients' source files; not closed by the builder
 * @param cpus how many it offers
 * @param rules what a job may take
 * @param onlyWhenIdle nothing for a builder that takes jobs at any time
 * @param cpuTimes tells what the machine's CPUs do, where jobs are only for an idle machine
 * @param lookEvery how often it is asked
 * @param fitness how often the builder looks whether it can still run jobs
 */
public record BuilderSetup(
        ServerConfig config,
        Isolation isolation,
        ToolchainStore toolchains,
        ContentStore contents,
        int cpus,
        JobRules rules,
        Optional<IdleSettings> onlyWhenIdle,
        CpuTimes.Source cpuTimes,
        Duration lookEvery,
        Fitness.Intervals fitness) {
    /** One that looks at this machine's CPUs. */
    public BuilderSetup(
            ServerConfig config,
            Isolation isolation,
            ToolchainStore toolchains,
            ContentStore contents,
            int cpus,
            JobRules rules) {
        this(
                config,
                isolation,
                toolchains,
                contents,
                cpus,
                rules,
                config.onlyWhenIdle(),
                CpuTimes::ofThisMachine,
                IdleWatch.INTERVAL,
                Fitness.Intervals.DEFAULT);
    }
}
