package dev.jdist.scheduler.cli;

import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The programs {@code jdist scheduler}, {@code jdist auth}, {@code jdist token} and {@code jdist builder}. */
@Command(
        name = "jdist",
        subcommands = {SchedulerCommand.class, AuthCommand.class, TokenCommand.class, BuilderCommand.class})
public final class SchedulerMain {
    private SchedulerMain() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new SchedulerMain());
        // A key of sccache's making may begin with a dash, even with -h.
        subcommand(line, "auth").setAllowOptionsAsOptionParameters(true);
        // Of two with one name the later one counts, for a script that calls `jdist builder` with options of its own
        // and more.
        subcommand(line, "builder").setOverwrittenOptionsAllowed(true);
        return line;
    }

    private static CommandLine subcommand(CommandLine line, String name) {
        return Objects.requireNonNull(line.getSubcommands().get(name), name);
    }
}
