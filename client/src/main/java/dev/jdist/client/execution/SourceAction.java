package dev.jdist.client.execution;

import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.client.view.UnitView;
import dev.jdist.protocol.message.EnvironmentVariable;
import java.nio.file.Path;
import java.util.List;

/**
 * A command for another machine to run on the files of this one, of which it sees what is vouched for.
 *
 * @param toolchain the programs and libraries that the command takes, packed
 * @param arguments without the program's name
 * @param environment all of it, in order
 * @param directory in which the command runs, absolute
 * @param outputs absolute names of the files to bring back
 * @param view of the files
 */
public record SourceAction(
        PackagedToolchain toolchain,
        List<String> arguments,
        List<EnvironmentVariable> environment,
        Path directory,
        List<String> outputs,
        UnitView view) {
    public SourceAction {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        outputs = List.copyOf(outputs);
    }
}
