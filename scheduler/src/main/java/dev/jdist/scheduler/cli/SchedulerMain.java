package dev.jdist.scheduler.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The programs {@code jdist scheduler}, {@code jdist auth} and {@code jdist token}. */
@Command(
        name = "jdist",
        subcommands = {SchedulerCommand.class, AuthCommand.class, TokenCommand.class})
public final class SchedulerMain {
    private SchedulerMain() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new SchedulerMain());
        // A key of sccache's making may begin with a dash, even with -h.
        line.getSubcommands().get("auth").setAllowOptionsAsOptionParameters(true);
        return line;
    }
}
