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

    private InheritedLimits() {}

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
