package dev.jdist.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final AtomicLong now = new AtomicLong();

    private ProgressLine line(boolean terminal) {
        return new ProgressLine(new PrintStream(printed, true, StandardCharsets.UTF_8), terminal, now::get);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8).replace("\033[K", "|").replace('\r', '<');
    }

    @Test
    void onATerminal_oneLineIsWrittenAnewAndGoesAtTheEnd() {
        try (ProgressLine line = line(true)) {
            line.packed(0, 2, 0, 3 << 20);
            line.packed(0, 2, 1, 3 << 20);
            now.set(TimeUnit.MILLISECONDS.toNanos(100));
            line.packed(1, 2, 2 << 20, 3 << 20);
            line.packed(2, 2, 3 << 20, 3 << 20);
            line.say("trying it");
        }
        assertEquals(
                "<jdist: packing: 0 of 2 files, 0 B of 3.0 MiB|"
                        + "<jdist: packing: 1 of 2 files, 2.0 MiB of 3.0 MiB|"
                        + "<jdist: packing: 2 of 2 files, 3.0 MiB of 3.0 MiB|"
                        + "<jdist: trying it|<|",
                printed());
    }

    @Test
    void elsewhere_nothingIsWritten() {
        try (ProgressLine line = line(false)) {
            line.packed(2, 2, 3, 3);
            line.say("trying it");
        }
        assertEquals("", printed());
    }
}
