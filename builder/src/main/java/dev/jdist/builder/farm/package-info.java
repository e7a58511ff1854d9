/**
 * The builder as a member of the farm: {@link dev.jdist.builder.farm.SchedulerLink} sends heartbeats and job states,
 * {@link dev.jdist.builder.farm.IdleWatch} tells whether somebody else uses the machine, {@link
 * dev.jdist.builder.farm.Drain} ends membership in good order.
 */
@NullMarked
package dev.jdist.builder.farm;

import org.jspecify.annotations.NullMarked;
