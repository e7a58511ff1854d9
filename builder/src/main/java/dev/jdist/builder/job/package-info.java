/**
 * Jobs: {@link dev.jdist.builder.job.JobTable} holds those that were announced and did not run yet; {@link
 * dev.jdist.builder.job.JobRunner} runs one from its inputs to its outputs, on a worker thread, within {@link
 * dev.jdist.builder.job.JobRules}; {@link dev.jdist.builder.job.OutputSpools} keeps the outputs that clients have not
 * taken yet.
 */
@NullMarked
package dev.jdist.builder.job;

import org.jspecify.annotations.NullMarked;
