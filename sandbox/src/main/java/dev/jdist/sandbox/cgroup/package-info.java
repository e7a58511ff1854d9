/**
 * Control groups: the limits of a job that the kernel keeps, where the machine allows it. Knows no sandbox.
 */
@NullMarked
package dev.jdist.sandbox.cgroup;

import org.jspecify.annotations.NullMarked;
