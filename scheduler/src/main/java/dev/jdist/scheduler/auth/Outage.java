package dev.jdist.scheduler.auth;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once that a login server fails, however many requests run into it, and once that it is back. */
public final class Outage {
    private static final Logger log = LoggerFactory.getLogger(Outage.class);

    private boolean lasts;

    /** @param consequence what it means for clients */
    synchronized void begins(String what, String consequence) {
        if (!lasts) {
            log.warn("{}; {}", what, consequence);
        }
        lasts = true;
    }

    synchronized void ends(String what) {
        if (lasts) {
            log.info("{} again", what);
        }
        lasts = false;
    }
}
