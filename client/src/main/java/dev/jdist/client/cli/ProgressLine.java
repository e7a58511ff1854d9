package dev.jdist.client.cli;

import dev.jdist.client.toolchain.PackingProgress;
import dev.jdist.protocol.config.ByteSize;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/** One line on a terminal that is written anew as things go on, and is gone at the end. Elsewhere, nothing at all. */
public final class ProgressLine implements PackingProgress, AutoCloseable {
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");
    private static final Pattern TERMINAL = Pattern.compile("/dev/(pts/[0-9]+|tty.*|console)");
    private static final Duration INTERVAL = Duration.ofMillis(100);
    private static final String START_OF_LINE = "\r";
    private static final String CLEAR_TO_END = "\033[K";

    private final PrintStream out;
    private final boolean seen;
    private final LongSupplier nanoTime;
    private long nextAt;

    ProgressLine(PrintStream out, boolean seen, LongSupplier nanoTime) {
        this.out = out;
        this.seen = seen;
        this.nanoTime = nanoTime;
        this.nextAt = nanoTime.getAsLong();
    }

    /** On standard error, if that is a terminal. */
    static ProgressLine onTerminal(PrintStream standardError) {
        boolean terminal;
        try {
            terminal = TERMINAL.matcher(Files.readSymbolicLink(STANDARD_ERROR).toString())
                    .matches();
        } catch (IOException e) {
            terminal = false;
        }
        return new ProgressLine(standardError, terminal, System::nanoTime);
    }

    @Override
    public void packed(int files, int filesTotal, long bytes, long bytesTotal) {
        if (seen && (nanoTime.getAsLong() - nextAt >= 0 || files == filesTotal)) {
            nextAt = nanoTime.getAsLong() + INTERVAL.toNanos();
            say("packing: " + files + " of " + filesTotal + " files, " + ByteSize.format(bytes) + " of "
                    + ByteSize.format(bytesTotal));
        }
    }

    /** Replaces what the line says. */
    void say(String words) {
        if (seen) {
            out.print(START_OF_LINE + "jdist: " + words + CLEAR_TO_END);
            out.flush();
        }
    }

    @Override
    public void close() {
        if (seen) {
            out.print(START_OF_LINE + CLEAR_TO_END);
            out.flush();
        }
    }
}
