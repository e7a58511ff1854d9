package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.sandbox.bubblewrap.SandboxReport.Rejection;
import dev.jdist.sandbox.bubblewrap.SandboxReport.Unfiltered;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SandboxReportTest {
    @Test
    void lines_ofTheBest_isOne() {
        assertEquals(
                List.of("jobs run in sandboxes of the kind root-overlay, scratch space in memory"),
                new SandboxReport(SandboxStrategy.ROOT_OVERLAY, true, List.of(), Optional.empty()).lines());
    }

    @Test
    void lines_ofAnother_sayWhyNotTheBetterOnes() {
        SandboxReport report = new SandboxReport(
                SandboxStrategy.DIRECTORY,
                false,
                List.of(
                        new Rejection(SandboxStrategy.ROOT_OVERLAY, "no right", "Be root"),
                        new Rejection(SandboxStrategy.BWRAP_OVERLAY, "odd", "")),
                Optional.empty());

        assertEquals(
                List.of(
                        "jobs run in sandboxes of the kind directory, scratch space on disk",
                        "not of the better kind root-overlay: no right. Be root",
                        "not of the better kind bwrap-overlay: odd"),
                report.lines());
    }

    @Test
    void warnings_tellOfAMissingFilter() {
        SandboxReport report = new SandboxReport(SandboxStrategy.ROOT_OVERLAY, true, List.of(), Optional.empty());

        assertEquals(List.of(), report.warnings());
        assertEquals(
                List.of("system calls of jobs are not filtered: no such call. Take another kernel"),
                report.without(new Unfiltered("no such call", "Take another kernel"))
                        .warnings());
    }
}
