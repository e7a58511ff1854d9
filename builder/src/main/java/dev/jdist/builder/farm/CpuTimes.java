package dev.jdist.builder.farm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;

/**
 * What a machine's CPUs did since it was started, in the ticks of {@code /proc} (see proc(5)).
 *
 * @param all of all CPUs together, whatever they did
 * @param busy of these, those in which something ran
 * @param own of these, those of this process, its children, and theirs
 */
public record CpuTimes(long all, long busy, long own) {
    /** Where they come from: {@code /proc}, or a test's stand-in. */
    @FunctionalInterface
    public interface Source {
        CpuTimes read() throws IOException;
    }

    /** Fields of the line {@code cpu} of {@code /proc/stat}, behind its name: user, nice, system, idle and so on. */
    private static final int IDLE = 3;

    private static final int WAITING_FOR_DISKS = 4;
    private static final int STOLEN = 7;
    /** What follows is time of guests, which counts as user's already. */
    private static final int FIELDS = 8;

    /** Fields of {@code /proc/PID/stat} behind the name, which ends in the last parenthesis: utime is the 14th of all. */
    private static final int USER_BEHIND_NAME = 12;
    /** utime, stime, cutime and cstime: the last two are of children that have ended. */
    private static final int OWN_FIELDS = 4;

    public static CpuTimes ofThisMachine() throws IOException {
        ProcessHandle self = ProcessHandle.current();
        return read(
                Path.of("/proc"),
                LongStream.concat(LongStream.of(self.pid()), self.descendants().mapToLong(ProcessHandle::pid)));
    }

    /**
     * @param proc the directory {@code /proc}
     * @param processes whose time is this builder's own
     */
    static CpuTimes read(Path proc, LongStream processes) throws IOException {
        long own = processes.map(pid -> ticks(proc.resolve(Long.toString(pid)))).sum();
        String first =
                Files.readString(proc.resolve("stat")).lines().findFirst().orElse("");
        String[] fields = first.strip().split("\\s+");
        if (!fields[0].equals("cpu") || fields.length <= FIELDS) {
            throw new IOException(proc.resolve("stat") + " has no line of all CPUs");
        }
        long all = 0;
        long unused = 0;
        for (int i = 0; i < FIELDS; i++) {
            long ticks = Long.parseLong(fields[1 + i]);
            all += ticks;
            unused += i == IDLE || i == WAITING_FOR_DISKS || i == STOLEN ? ticks : 0;
        }
        return new CpuTimes(all, all - unused, own);
    }

    /** None of a process that has just ended: its parent has its time then. */
    private static long ticks(Path process) {
        try {
            // A process may have any bytes for a name.
            String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).split(" ");
            long ticks = 0;
            for (int i = 0; i < OWN_FIELDS; i++) {
                ticks += Long.parseLong(fields[USER_BEHIND_NAME + i]);
            }
            return ticks;
        } catch (IOException e) {
            return 0;
        }
    }

    /** The share of all CPUs, in percent, that others than this builder took since {@code earlier}. */
    double othersPercentSince(CpuTimes earlier) {
        long others = busy - earlier.busy - Math.max(0, own - earlier.own);
        return 100.0 * Math.max(0, others) / Math.max(1, all - earlier.all);
    }
}
