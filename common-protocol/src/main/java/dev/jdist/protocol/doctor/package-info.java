/**
 * What {@code jdist doctor} is made of: {@link dev.jdist.protocol.doctor.Checkup}, which each module implements for its own
 * program and names in {@code META-INF/services}, and what several of them look at. One thread runs it all; nothing here
 * changes the machine, beyond files that it removes again.
 */
@NullMarked
package dev.jdist.protocol.doctor;

import org.jspecify.annotations.NullMarked;
