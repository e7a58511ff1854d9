package dev.jdist.sandbox.bubblewrap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The command line of jdist-sandbox for one sandbox, as a pure function. */
public final class HelperArguments {
    private HelperArguments() {}

    /** The machine's devices, as a job has them in its {@code /dev}. */
    enum Devices {
        /** In a mount namespace of which only this program knows. */
        READ_ONLY,
        /** As any user of the machine has them. Only for strategies that leave the root to bubblewrap. */
        AS_THEY_ARE
    }

    /**
     * @param caller the process that will start it
     * @param job the directory that has the job's directories {@code upper}, {@code work} and {@code target}
     * @param devices whether the machine's devices are protected from jobs
     * @param user of jobs, unless it is this process's own
     * @param binds bubblewrap's options for what is laid over {@code upper}; only for {@link SandboxStrategy#DIRECTORY}
     * @param hasView whether the command may be one under a view
     */
    static List<String> of(
            SandboxStrategy strategy,
            Devices devices,
            Optional<Integer> user,
            Path helper,
            Path bubblewrap,
            long caller,
            Path lower,
            Path job,
            List<String> binds,
            boolean hasView) {
        String upper = job.resolve("upper").toString();
        String work = job.resolve("work").toString();
        String target = job.resolve("target").toString();
        List<String> line = new ArrayList<>(List.of(helper.toString(), verb(strategy, devices), Long.toString(caller)));
        user.ifPresent(number -> line.addAll(List.of("--users", Integer.toString(number))));
        List<String> root = new ArrayList<>();
        switch (strategy) {
            case ROOT_OVERLAY, ROOTLESS_OVERLAY -> {
                line.addAll(List.of(lower.toString(), upper, work, target));
                root.addAll(List.of("--bind", target, "/"));
            }
            case BWRAP_OVERLAY ->
                root.addAll(List.of("--overlay-src", lower.toString(), "--overlay", upper, work, "/"));
            case DIRECTORY -> {
                root.addAll(List.of("--bind", upper, "/"));
                root.addAll(binds);
            }
        }
        line.add("--");
        line.addAll(BubblewrapArguments.of(bubblewrap, root, user, helper, hasView));
        return line;
    }

    private static String verb(SandboxStrategy strategy, Devices devices) {
        return switch (strategy) {
            case ROOT_OVERLAY -> "run";
            case ROOTLESS_OVERLAY -> "run-rootless";
            case BWRAP_OVERLAY, DIRECTORY -> devices == Devices.READ_ONLY ? "run-private" : "run-bare";
        };
    }
}
