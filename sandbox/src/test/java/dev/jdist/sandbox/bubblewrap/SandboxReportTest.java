package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.sandbox.bubblewrap.SandboxReport.Lack;
import dev.jdist.sandbox.bubblewrap.SandboxReport.Rejection;
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

    @Test
    void lines_whereJobsHaveNoViews_sayWhy() {
        SandboxReport report = new SandboxReport(SandboxStrategy.ROOT_OVERLAY, true, List.of());

        assertEquals(
                List.of(
                        "jobs run in sandboxes of the kind root-overlay, scratch space in memory",
                        "jobs cannot run under a view of the client's files: old. Take another kernel"),
                report.withoutViews(new Lack("old", "Take another kernel")).lines());
        assertEquals(List.of(), report.withoutViews(new Lack("old", "")).warnings());
    }

    @Test
    void warnings_tellWhatJobsHaveToDoWithout() {
        SandboxReport report = new SandboxReport(SandboxStrategy.ROOT_OVERLAY, true, List.of());

        assertEquals(List.of(), report.warnings());
        assertEquals(
                List.of(
                        "system calls of jobs are not filtered: no such call. Take another kernel",
                        "jobs run as the builder's own user: no such user. Take another"),
                report.withoutUser(new Lack("no such user", "Take another"))
                        .withoutFilter(new Lack("no such call", "Take another kernel"))
                        .warnings());
    }
}
