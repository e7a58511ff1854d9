package dev.jdist.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.sandbox.SandboxReport.Rejection;
import java.util.List;
import org.junit.jupiter.api.Test;

class SandboxReportTest {
    @Test
    void lines_ofTheBest_isOne() {
        assertEquals(
                List.of("jobs run in sandboxes of the kind root-overlay, scratch space in memory"),
                new SandboxReport(SandboxStrategy.ROOT_OVERLAY, true, List.of()).lines());
    }

    @Test
    void lines_ofAnother_sayWhyNotTheBetterOnes() {
        SandboxReport report = new SandboxReport(
                SandboxStrategy.DIRECTORY,
                false,
                List.of(
                        new Rejection(SandboxStrategy.ROOT_OVERLAY, "no right", "Be root"),
                        new Rejection(SandboxStrategy.BWRAP_OVERLAY, "odd", "")));

        assertEquals(
                List.of(
                        "jobs run in sandboxes of the kind directory, scratch space on disk",
                        "not of the better kind root-overlay: no right. Be root",
                        "not of the better kind bwrap-overlay: odd"),
                report.lines());
    }
}
