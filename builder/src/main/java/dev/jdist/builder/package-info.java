/**
 * A builder: keeps toolchains, runs jobs with them, and tells the scheduler that it lives and how its jobs stand.
 *
 * <p>{@link dev.jdist.builder.BuilderServer} is the HTTPS side; {@link dev.jdist.builder.JobTable} holds the jobs that
 * were announced and not yet run; {@link dev.jdist.builder.ToolchainStore} has the toolchains, whose files {@link
 * dev.jdist.builder.FilePool} keeps once each; {@link dev.jdist.builder.UploadTurns} lets one client at a time send each
 * of them; {@link dev.jdist.builder.JobRunner} runs one job from its inputs to its outputs, on a worker thread, within
 * {@link dev.jdist.builder.JobRules}; {@link dev.jdist.builder.OutputSpools} has what clients have not taken yet; {@link
 * dev.jdist.builder.IdleWatch} tells whether somebody else uses the machine; {@link dev.jdist.builder.SchedulerLink}
 * speaks to the scheduler. What comes from the network is taken to be hostile: paths go
 * through the sandbox's own resolution, sizes are bounded, and nothing is executed outside a sandbox.
 */
package dev.jdist.builder;
