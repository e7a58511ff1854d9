package dev.jdist.client.daemon;

import dev.jdist.protocol.config.Variable;
import dev.jdist.protocol.settings.SettingsListing;
import dev.jdist.protocol.wire.Reason;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The client's command line, when it is not a compiler's: sccache's options. */
@Command(
        name = "jdist",
        sortOptions = false,
        usageHelpWidth = ClientOptions.HELP_WIDTH,
        header = "Compiles C and C++ on a farm of machines: a drop-in for sccache and sccache-dist.%n",
        customSynopsis = {
            "jdist COMPILER ARGUMENT...                       compile, on the farm where possible",
            "       COMPILER ARGUMENT...                             the same, by a symbolic link COMPILER to jdist",
            "       jdist OPTION                                     speak to the client daemon",
            "       jdist scheduler --config PATH [--syslog LEVEL]   be the farm's scheduler",
            "       jdist server --config PATH [--syslog LEVEL]      be a builder of the farm",
            "       jdist auth --help                                make tokens for the settings files",
            "       jdist doctor [--config PATH] [--json]            find out what is wrong with this machine",
            "       jdist config show [--config PATH] [--json]       show which settings are in force"
        },
        optionListHeading = "%nOptions:%n",
        footerHeading = "%nEnvironment:%n")
public final class ClientOptions {
    static final int HELP_WIDTH = 110;

    public enum Action {
        START_SERVER,
        STOP_SERVER,
        SHOW_STATS,
        SHOW_ADV_STATS,
        ZERO_STATS,
        DIST_STATUS,
        DIST_AUTH,
        PACKAGE_TOOLCHAIN,
        DEBUG_PREPROCESSOR_CACHE,
        DAEMON,
        HELP
    }

    @ArgGroup(multiplicity = "1")
    private Choice choice = new Choice();

    /** Exactly one of these. */
    private static final class Choice {
        @Option(names = "--start-server", description = "start the client daemon in the background")
        private boolean startServer;

        @Option(names = "--stop-server", description = "stop the client daemon")
        private boolean stopServer;

        @Option(
                names = {"-s", "--show-stats"},
                description = "show statistics")
        private boolean showStats;

        @Option(names = "--show-adv-stats", description = "show statistics by compiler and language")
        private boolean showAdvancedStats;

        @Option(
                names = {"-z", "--zero-stats"},
                description = "set the statistics to zero")
        private boolean zeroStats;

        @Option(names = "--dist-status", description = "show the state of the farm")
        private boolean distStatus;

        @Option(names = "--dist-auth", description = "log in for distributed compilation")
        private boolean distAuth;

        @Option(
                names = "--package-toolchain",
                arity = "2",
                paramLabel = "EXE OUT",
                hideParamSyntax = true,
                description = "pack the compiler EXE into the archive OUT")
        private List<String> packageToolchain;

        @Option(
                names = "--debug-preprocessor-cache",
                description = "show by which files compiles are found in the cache")
        private boolean debugPreprocessorCache;

        @Option(names = "--daemon", hidden = true, paramLabel = "SOCKET")
        private String daemonSocket;

        @Option(
                names = {"-h", "--help"},
                description = "show this help")
        private boolean help;

        @Option(
                names = {"-V", "--version"},
                description = "show the version")
        private boolean version;
    }

    @Option(names = "--view", hidden = true, paramLabel = "VIEW", defaultValue = "")
    private String view;

    @Option(names = "--startup-notify", hidden = true, paramLabel = "SOCKET")
    private Path startupNotify;

    @Option(
            names = "--stats-format",
            paramLabel = "FMT",
            defaultValue = "text",
            description = "format of statistics: text or json")
    private String format;

    private Optional<String> problem = Optional.empty();

    private ClientOptions() {}

    public static ClientOptions parse(List<String> arguments) {
        ClientOptions options = new ClientOptions();
        CommandLine command = new CommandLine(options);
        try {
            command.parseArgs(arguments.toArray(String[]::new));
            if (!List.of("text", "json").contains(options.format)) {
                throw new ParameterException(command, "--stats-format is text or json, not \"" + options.format + "\"");
            }
        } catch (ParameterException e) {
            // picocli would list the options of the group in its own notation.
            String complaint = Reason.of(e);
            String what = complaint.startsWith("Error: Missing required argument (specify one of these)")
                    ? "say what to compile, or give an option such as --show-stats"
                    : complaint.replaceFirst("^Error: ", "");
            options.problem = Optional.of("jdist: error: " + what + "\nFor more information, try 'jdist --help'.\n");
        }
        return options;
    }

    /** What is wrong with the command line, ready to be printed. */
    public Optional<String> problem() {
        return problem;
    }

    public Action action() {
        if (choice.startServer) {
            return Action.START_SERVER;
        } else if (choice.stopServer) {
            return Action.STOP_SERVER;
        } else if (choice.showStats) {
            return Action.SHOW_STATS;
        } else if (choice.showAdvancedStats) {
            return Action.SHOW_ADV_STATS;
        } else if (choice.zeroStats) {
            return Action.ZERO_STATS;
        } else if (choice.distStatus) {
            return Action.DIST_STATUS;
        } else if (choice.distAuth) {
            return Action.DIST_AUTH;
        } else if (choice.packageToolchain != null) {
            return Action.PACKAGE_TOOLCHAIN;
        } else if (choice.debugPreprocessorCache) {
            return Action.DEBUG_PREPROCESSOR_CACHE;
        } else if (choice.daemonSocket != null) {
            return Action.DAEMON;
        }
        return Action.HELP;
    }

    boolean json() {
        return format.equals("json");
    }

    public String daemonSocket() {
        return choice.daemonSocket;
    }

    /** Who waits to hear how the daemon's start went. */
    /** What the launcher that started the daemon sees under which path. */
    public String view() {
        return view;
    }

    public Optional<Path> startupNotify() {
        return Optional.ofNullable(startupNotify);
    }

    /** EXE and OUT. */
    public List<String> packageToolchain() {
        return choice.packageToolchain;
    }

    public static String help() {
        CommandLine command = new CommandLine(new ClientOptions());
        command.getCommandSpec()
                .usageMessage()
                .footer(Stream.of(Variable.values())
                        .map(ClientOptions::describe)
                        .toArray(String[]::new));
        return command.getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    private static String describe(Variable variable) {
        String help = String.format("  %-30s %s", variable, SettingsListing.plain(variable.help()));
        String unset = "unset: " + SettingsListing.plain(variable.unset());
        return help.length() + 2 + unset.length() < HELP_WIDTH
                ? help + "; " + unset
                : help + "\n" + " ".repeat(33) + unset;
    }

    /** Of this jdist. */
    static String version() {
        return Optional.ofNullable(ClientOptions.class.getPackage().getImplementationVersion())
                .orElse("unknown");
    }
}
