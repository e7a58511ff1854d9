package dev.jdist.builder.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program {@code jdist server}. */
@Command(name = "jdist", subcommands = ServerCommand.class)
public final class BuilderMain {
    private BuilderMain() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new BuilderMain());
    }
}
