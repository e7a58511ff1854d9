package dev.jdist.scheduler.provision;

import dev.jdist.protocol.config.CertificatePin;
import java.util.Optional;

/**
 * How builders speak to the scheduler.
 *
 * @param pin what a builder has to write to believe a scheduler that speaks https; nothing if it believes it by its name
 */
record SchedulerPort(int port, boolean isSecure, Optional<CertificatePin> pin) {
    static SchedulerPort plain(int port) {
        return new SchedulerPort(port, false, Optional.empty());
    }

    String scheme() {
        return isSecure ? "https://" : "http://";
    }
}
