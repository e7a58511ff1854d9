package dev.jdist.sandbox.docker;

import dev.jdist.sandbox.JobLimits;
import java.util.ArrayList;
import java.util.List;

/** What {@code docker} is told to run a command's container, as a pure function. */
public final class DockerArguments {
    private DockerArguments() {}

    /**
     * @param label marks the container as its builder's
     * @param limits of which the engine keeps those of memory, processes and single files
     * @param more the user's own, which come last so that they win
     */
    static List<String> run(
            String name, String label, String image, JobLimits limits, List<String> more, List<String> command) {
        List<String> arguments = new ArrayList<>(List.of("run", "--name", name, "--label", label));
        // The engine removes the container however it ends; signals meant for the builder are none of its business.
        arguments.addAll(List.of("--rm", "--interactive", "--sig-proxy=false"));
        // Never ask a registry for an image of this name, and keep no log of what goes over standard output.
        arguments.addAll(List.of("--pull", "never", "--log-driver", "none"));
        arguments.addAll(List.of("--network", "none", "--hostname", "jdist"));
        // Root in name only, as files in the image are root's and there is no capability to get around that.
        arguments.addAll(List.of("--user", "0:0", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"));
        arguments.addAll(List.of("--pids-limit", Integer.toString(limits.processes())));
        arguments.addAll(List.of("--memory", Long.toString(limits.memoryBytes())));
        arguments.addAll(List.of("--ulimit", "fsize=" + limits.scratchBytes()));
        // jdist-sandbox is the first process itself.
        arguments.addAll(List.of("--init=false", "--workdir", "/"));
        arguments.addAll(more);
        arguments.add(image);
        arguments.addAll(command);
        return arguments;
    }
}
