/**
 * Control groups: the limits of a job that the kernel keeps, where the machine allows it. Knows no sandbox.
 */
package dev.jdist.sandbox.cgroup;
