package dev.jdist.client.execution.sccache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.client.cache.storage.EntryOrigin;
import dev.jdist.client.files.ReplacedFile;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What audits found of builders, kept in a file for the next daemons, of which several may share it. A line is {@code agreed
 * BUILDER TOOLCHAIN WHEN} or {@code differed BUILDER UNTIL}, in milliseconds since 1970. Without the file, more is taken for
 * doubtful, and nothing is lost. Thread-safe.
 */
final class AuditHistory {
    private static final Logger log = LoggerFactory.getLogger(AuditHistory.class);

    private static final int MOST = 4096;
    private static final String AGREED = "agreed";
    private static final String DIFFERED = "differed";

    private final Optional<Path> file;

    /** When a builder made what an audit agreed with, by {@code BUILDER TOOLCHAIN}. */
    @GuardedBy("this")
    private final Map<String, Long> agreed = new HashMap<>();

    /** Until when builders are left alone. */
    @GuardedBy("this")
    private final Map<String, Long> differed = new HashMap<>();

    /** @param file nothing if nothing is to be kept */
    AuditHistory(Optional<Path> file) {
        this.file = file;
        read();
    }

    synchronized void agreed(ServerId builder, Toolchain toolchain, long millis) {
        read();
        agreed.merge(nameOf(builder.toString(), toolchain.archiveId()), millis, Long::max);
        differed.remove(builder.toString());
        write();
    }

    synchronized void differed(ServerId builder, long untilMillis) {
        read();
        differed.put(builder.toString(), untilMillis);
        write();
    }

    /** When a builder made what was last found to be right, with a toolchain. */
    synchronized Optional<Long> lastAgreed(ServerId builder, Toolchain toolchain) {
        return Optional.ofNullable(agreed.get(nameOf(builder.toString(), toolchain.archiveId())));
    }

    /** Whether a builder was wrong, and has not been right since. */
    synchronized boolean isDoubtful(ServerId builder) {
        return differed.containsKey(builder.toString());
    }

    /** Builders that were wrong and have not been right since, and until when they are left alone, which may be over. */
    synchronized Map<ServerId, Long> doubtful() {
        Map<ServerId, Long> all = new HashMap<>();
        differed.forEach((builder, until) -> all.put(ServerId.parse(builder), until));
        return all;
    }

    /** Tells what a builder made since it was last known to be right, with the toolchain in question. */
    synchronized Predicate<EntryOrigin> doubtfulResults(ServerId builder, long untilMillis) {
        Map<String, Long> since = Map.copyOf(agreed);
        return origin -> origin.builder().equals(builder.toString())
                && origin.millis() > since.getOrDefault(nameOf(origin.builder(), origin.toolchain()), 0L)
                && origin.millis() < untilMillis;
    }

    private static String nameOf(String builder, String toolchain) {
        return builder + " " + toolchain;
    }

    /** What another daemon has written counts as well. */
    @GuardedBy("this")
    private void read() {
        try {
            if (file.isPresent()) {
                Map<String, Long> theirs = new HashMap<>();
                for (String line : Files.readAllLines(file.get())) {
                    read(line.split(" "), theirs);
                }
                // What has been right since is not in there any more.
                differed.keySet().retainAll(theirs.keySet());
                differed.putAll(theirs);
            }
        } catch (NoSuchFileException e) {
            // Nothing was audited yet.
        } catch (IOException | IllegalArgumentException e) {
            log.warn("{} is damaged and is begun anew: {}", file.get(), e.toString());
        }
    }

    @GuardedBy("this")
    private void read(String[] parts, Map<String, Long> wrong) {
        if (parts.length == 4 && parts[0].equals(AGREED)) {
            agreed.merge(nameOf(parts[1], parts[2]), Long.parseLong(parts[3]), Long::max);
        } else if (parts.length == 3 && parts[0].equals(DIFFERED)) {
            wrong.put(ServerId.parse(parts[1]).toString(), Long.parseLong(parts[2]));
        }
    }

    @GuardedBy("this")
    private void write() {
        if (file.isEmpty()) {
            return;
        } else if (agreed.size() > MOST) {
            agreed.clear();
        }
        List<String> lines = new ArrayList<>();
        new TreeMap<>(agreed).forEach((made, when) -> lines.add(AGREED + " " + made + " " + when));
        new TreeMap<>(differed).forEach((builder, until) -> lines.add(DIFFERED + " " + builder + " " + until));
        try {
            ReplacedFile.write(file.get(), (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException | UnsupportedOperationException e) {
            log.warn(
                    "{} cannot be written, so the next daemon does not know of this audit: {}",
                    file.get(),
                    e.toString());
        }
    }
}
