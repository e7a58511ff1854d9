package dev.jdist.protocol.daemon;

import picocli.CommandLine.Option;

/** {@code --help}, to be mixed into a command. */
public final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    private boolean asked;
}
