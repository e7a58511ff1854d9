package dev.jdist.scheduler.provision;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code builder-host.sh} printed: lines {@code @KEY=VALUE} among whatever else a login prints. */
final class HostReport {
    private static final Pattern LINE = Pattern.compile("@([a-z_]+)=(.*)");

    private final Map<String, String> values = new HashMap<>();

    /** Of two lines with one key, the later one counts. */
    static HostReport parse(String output) {
        HostReport report = new HostReport();
        output.lines()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .forEach(line -> report.values.put(line.group(1), line.group(2).strip()));
        return report;
    }

    /** Empty if it was not said. */
    String get(String key) {
        return values.getOrDefault(key, "");
    }

    boolean has(String key) {
        return !get(key).isEmpty();
    }

    boolean says(String key) {
        return get(key).equals("yes");
    }

    boolean isRoot() {
        return get("uid").equals("0");
    }

    /** What an earlier installation recorded there; empty if there was none. */
    String recorded(Mode mode, String key) {
        return get((mode == Mode.USER ? "user_" : "system_") + key);
    }
}
