/**
 * Which settings jdist has. Each key of the three settings files is declared once, in {@link
 * dev.jdist.protocol.settings.ServerSettings}, {@link dev.jdist.protocol.settings.SchedulerSettings} or {@link
 * dev.jdist.protocol.settings.ClientSettings}; each environment variable in {@link
 * dev.jdist.protocol.config.Variable}.
 *
 * <p>The declarations are what the parser reads by, what the tables of docs/settings.md are written from, and what
 * {@code jdist config show} lists. How a file is read is the business of {@link dev.jdist.protocol.config}, which knows
 * no key. Everything here is immutable; no threads, no network.
 */
@NullMarked
package dev.jdist.protocol.settings;

import org.jspecify.annotations.NullMarked;
