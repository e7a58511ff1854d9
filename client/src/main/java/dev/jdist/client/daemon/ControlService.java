package dev.jdist.client.daemon;

import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.execution.sccache.CompileFarm;
import dev.jdist.client.launcher.Launcher;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.stats.StatisticsReport;
import dev.jdist.protocol.daemon.ExitCode;
import dev.jdist.protocol.daemon.Shutdown;
import dev.jdist.protocol.wire.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Answers what people ask the daemon itself: {@code --show-stats} and its like. */
public final class ControlService {
    private final Statistics statistics;
    private final Optional<CompileFarm> farm;
    private final Optional<CacheService> cache;
    private final Shutdown shutdown;
    private final Queue<Runnable> farewells = new ConcurrentLinkedQueue<>();

    ControlService(Statistics statistics, Optional<CompileFarm> farm, Optional<CacheService> cache, Shutdown shutdown) {
        this.statistics = statistics;
        this.cache = cache;
        this.farm = farm;
        this.shutdown = shutdown;
    }

    void serve(Launcher launcher, CallerRequest request) {
        ClientOptions options = ClientOptions.parse(request.arguments());
        if (options.problem().isPresent()) {
            launcher.exit(
                    ExitCode.CANNOT_START,
                    Bytes.EMPTY,
                    Bytes.utf8(options.problem().get()));
            return;
        }
        try {
            answer(launcher, options);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            launcher.exit(ExitCode.FAILURE, Bytes.EMPTY, Bytes.utf8("jdist: error: the daemon is stopping\n"));
        }
    }

    private void answer(Launcher launcher, ClientOptions options) throws InterruptedException {
        switch (options.action()) {
            case SHOW_STATS, SHOW_ADV_STATS -> print(launcher, report(statistics, cache, options));
            case ZERO_STATS -> {
                statistics.reset();
                launcher.exit(ExitCode.OK, Bytes.EMPTY, Bytes.utf8("Statistics zeroed.\n"));
            }
            case DIST_STATUS -> print(launcher, DistributionStatus.of(farm) + "\n");
            case STOP_SERVER -> {
                String report = "Stopping jdist server...\n" + report(statistics, cache, options);
                farewells.add(() -> print(launcher, report));
                shutdown.request();
            }
            default ->
                launcher.exit(
                        ExitCode.CANNOT_START,
                        Bytes.EMPTY,
                        Bytes.utf8("jdist: error: the daemon does not know this request\n"));
        }
    }

    private static String report(Statistics statistics, Optional<CacheService> cache, ClientOptions options) {
        StatisticsReport report =
                new StatisticsReport(statistics.snapshot(), cache.map(CacheService::state), ClientOptions.version());
        return options.json() && options.action() != ClientOptions.Action.STOP_SERVER
                ? report.toJson()
                : report.toText(options.action() == ClientOptions.Action.SHOW_ADV_STATS);
    }

    /** Answers those who asked for the end, once it has come: whoever starts the next daemon then finds the place free. */
    void sayFarewell() {
        farewells.forEach(Runnable::run);
    }

    private static void print(Launcher launcher, String text) {
        launcher.exit(ExitCode.OK, Bytes.utf8(text), Bytes.EMPTY);
    }

    /** What the daemon would say, were there one: for those questions that are not worth starting it. */
    public static String withoutDaemon(List<String> arguments) {
        ClientOptions options = ClientOptions.parse(arguments);
        return report(new Statistics(), Optional.empty(), options);
    }
}
