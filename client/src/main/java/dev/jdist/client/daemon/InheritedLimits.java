package dev.jdist.client.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the daemon has of the process that started it and could not get rid of: {@code limits.c} raises what it may. Compilers run
 * as children of their launchers, within the limits of these.
 */
final class InheritedLimits {
    /** A line of {@code /proc/PID/limits}: its name, the limit in force, and how far that can be raised. */
    private static final Pattern LINE = Pattern.compile(
            "(Max (?:cpu time|file size|data size|resident set|address space)) +(\\d+) +(\\S+) +(\\S+) *");

    /** Its place in {@code /proc/PID/stat}, counted from the first field behind the name. */
    private static final int NICE = 16;

    private InheritedLimits() {}

    /** How it stands with other processes: {@code nice value 0, OOM score adjustment 0, control group /user.slice}. */
    static String standing(Path process) {
        String status = read(process.resolve("stat"));
        // The name of the program may have blanks.
        String[] fields = status.substring(status.lastIndexOf(')') + 1).strip().split(" ");
        return "nice value " + (fields.length > NICE ? fields[NICE] : "unknown")
                + ", OOM score adjustment " + read(process.resolve("oom_score_adj"))
                + ", control group "
                + String.join(" ", read(process.resolve("cgroup")).lines().toList());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    /**
     * The limits on resources, a sentence each.
     *
     * @param process its directory in {@code /proc}
     */
    static List<String> of(Path process) {
        List<String> told = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(process.resolve("limits"))) {
                Matcher limit = LINE.matcher(line);
                if (limit.matches()) {
                    told.add("this daemon has a limit of whoever started it, which it cannot raise: " + limit.group(1)
                            + " " + limit.group(2) + " " + limit.group(4)
                            + "; jdist --stop-server ends it, and a shell without the limit starts one without");
                }
            }
        } catch (IOException e) {
            // Without /proc, nobody can tell.
        }
        return told;
    }
}
