package dev.jdist.client.execution;

import dev.jdist.client.inputs.InputFile;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.protocol.message.EnvironmentVariable;
import java.nio.file.Path;
import java.util.List;

/**
 * A command for another machine to run, whatever wire it goes over.
 *
 * @param toolchain the programs and libraries that the command takes, packed
 * @param arguments without the program's name
 * @param environment all of it, in order
 * @param directory in which the command runs, absolute
 * @param inputs files that the command reads beside the toolchain; of two with the same path the first one counts
 * @param detours paths whose {@code ..} have to be resolvable there: {@code a/b/../c} is found only where {@code a/b} is a
 *     directory
 * @param outputs absolute names of the files to bring back
 */
public record Action(
        PackagedToolchain toolchain,
        List<String> arguments,
        List<EnvironmentVariable> environment,
        Path directory,
        List<InputFile> inputs,
        List<Path> detours,
        List<String> outputs) {
    public Action {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        inputs = List.copyOf(inputs);
        detours = List.copyOf(detours);
        outputs = List.copyOf(outputs);
    }
}
