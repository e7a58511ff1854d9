/**
 * The scheduler's HTTP side: {@link dev.jdist.scheduler.http.SchedulerServer} maps requests to authentication and to
 * the farm. Runs on event loops; nothing blocks.
 */
@NullMarked
package dev.jdist.scheduler.http;

import org.jspecify.annotations.NullMarked;
