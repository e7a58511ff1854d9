/**
 * The scheduler's HTTP side: {@link dev.jdist.scheduler.http.SchedulerServer} maps requests to authentication and to
 * the farm. Runs on event loops; nothing blocks.
 */
package dev.jdist.scheduler.http;
