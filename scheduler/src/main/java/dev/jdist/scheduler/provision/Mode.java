package dev.jdist.scheduler.provision;

import java.util.Locale;

/** How jdist is installed on a builder's machine. It is recorded there, and an argument of {@code builder-host.sh}. */
enum Mode {
    /** The archive, without root: in the user's home. */
    USER,
    /** The archive, by root. */
    SYSTEM,
    /** Debian packages, by root. */
    PACKAGE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
