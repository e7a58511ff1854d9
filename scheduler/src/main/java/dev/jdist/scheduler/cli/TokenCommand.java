package dev.jdist.scheduler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.daemon.ExitCode;
import dev.jdist.protocol.daemon.HelpOption;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.auth.NamedToken;
import dev.jdist.scheduler.auth.TokenFile;
import dev.jdist.scheduler.tls.SchedulerIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jdist token …}: makes, lists and revokes named tokens, in the file that the scheduler's settings name. */
@Command(
        name = "token",
        description = "Make, list and revoke named tokens of clients and builders, on the scheduler's machine",
        subcommands = {TokenCommand.New.class, TokenCommand.Listing.class, TokenCommand.Revoke.class})
public final class TokenCommand implements Callable<Integer> {
    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "say what to do: new, list or revoke");
    }

    /** What the three have in common: the file, and how they end. */
    private abstract static class OnTheFile implements Callable<Integer> {
        @Mixin
        private HelpOption help;

        @Spec
        private CommandSpec spec;

        @Option(
                names = "--config",
                paramLabel = "PATH",
                defaultValue = "/etc/jdist/scheduler.conf",
                description = "the scheduler's settings file; ${DEFAULT-VALUE} if not given")
        private Path config;

        abstract void run(SchedulerConfig scheduler, TokenFile file)
                throws ConfigException, StartupException, IOException;

        @Override
        public final Integer call() {
            try {
                SchedulerConfig scheduler = SchedulerConfig.read(config);
                Optional<Path> path = scheduler.tokens();
                if (path.isEmpty()) {
                    throw new ConfigException(config + ": names no file of tokens; write [jdist] and below it"
                            + " tokens = \"/etc/jdist/tokens\", and restart the scheduler");
                }
                run(scheduler, new TokenFile(path.get()));
                return ExitCode.OK;
            } catch (ConfigException e) {
                error(e.getMessage());
                return ExitCode.CANNOT_START;
            } catch (StartupException e) {
                error(e.getMessage());
                return ExitCode.FAILURE;
            } catch (IOException e) {
                error("the file of tokens cannot be changed: " + e.getMessage());
                return ExitCode.FAILURE;
            }
        }

        void change(TokenFile file, TokenFile.Change change) throws ConfigException, StartupException, IOException {
            file.change(config, change);
        }

        private void error(String message) {
            tell("jdist token: error: " + message);
        }

        void tell(String line) {
            spec.commandLine().getErr().println(line);
        }

        ParameterException misuse(IllegalArgumentException e) {
            return new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    @Command(
            name = "new",
            description = {
                "Make a token and print it. It is printed this once and kept nowhere.",
                "It goes into [dist.auth] of a client, or [scheduler_auth] of a builder, with type = \"token\"."
            })
    static final class New extends OnTheFile {
        private static final Pattern SPAN = Pattern.compile("([0-9]{1,6})[hd]");

        @ArgGroup(multiplicity = "1")
        private Whose whose;

        static final class Whose {
            @Option(names = "--client", description = "a token of clients")
            private boolean client;

            @Option(names = "--builder", description = "a token of builders")
            @SuppressWarnings("unused") // Whichever is not for clients.
            private boolean builder;
        }

        @Option(
                names = "--address",
                paramLabel = "IP:PORT",
                description = "the builder's public_addr: no other builder can use this token")
        private String address;

        @Option(
                names = "--expires",
                paramLabel = "TIME",
                description = "after which it is no longer good: 12h, 90d, or a date such as 2027-01-31, to its end;"
                        + " it is good until it is revoked if this is not given")
        private String expires;

        @Option(names = "--replace", description = "revoke the token that has this name, if there is one")
        private boolean replace;

        @Parameters(paramLabel = "NAME", description = "a name that no other token has")
        private String name;

        @Override
        void run(SchedulerConfig scheduler, TokenFile file) throws ConfigException, StartupException, IOException {
            Secret secret = NamedToken.draw();
            NamedToken token = describe(secret);
            change(file, before -> {
                if (!replace && before.named(name).isPresent()) {
                    throw new StartupException("there is a token \"" + name
                            + "\" already; choose another name, or revoke that one with --replace");
                }
                return before.with(token);
            });
            System.out.println(secret.value());
            say(scheduler);
        }

        /** What goes beside the token into the settings; not to standard output, which has the token alone. */
        private void say(SchedulerConfig scheduler) {
            if (!(scheduler.tls() instanceof SchedulerConfig.Tls.Off)) {
                tell("jdist token: the scheduler speaks https: with the token go scheduler_url = \"https://ADDRESS:"
                        + scheduler.publicAddr().port() + "\" and, into [jdist], scheduler_pin = " + pin(scheduler));
            }
        }

        private static String pin(SchedulerConfig scheduler) {
            try {
                return SchedulerIdentity.existing(scheduler, Clock.systemUTC())
                        .map(identity -> "\"" + identity.pin() + "\"")
                        .orElse("(its log shows it when it has started)");
            } catch (StartupException e) {
                return "(unknown: " + e.getMessage() + ")"; // the token is good all the same
            }
        }

        private NamedToken describe(Secret secret) {
            Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            try {
                return new NamedToken(
                        name,
                        whose.client ? NamedToken.Kind.CLIENT : NamedToken.Kind.BUILDER,
                        Optional.ofNullable(address).map(ServerId::parse),
                        now,
                        Optional.ofNullable(expires).map(text -> end(now, text)),
                        NamedToken.digestOf(secret.value()));
            } catch (IllegalArgumentException e) {
                throw misuse(e);
            }
        }

        private static Instant end(Instant now, String text) {
            Matcher span = SPAN.matcher(text);
            try {
                Instant end = span.matches()
                        ? now.plus(Duration.of(
                                Long.parseLong(span.group(1)), text.endsWith("d") ? ChronoUnit.DAYS : ChronoUnit.HOURS))
                        : LocalDate.parse(text)
                                .plusDays(1)
                                .atStartOfDay(ZoneId.systemDefault())
                                .toInstant();
                if (end.isAfter(now)) {
                    return end;
                }
            } catch (DateTimeException | ArithmeticException e) {
                // Falls through to the same advice.
            }
            throw new IllegalArgumentException("--expires " + text
                    + " is no time to come: give some hours (12h), days (90d), or a date such as 2027-01-31");
        }
    }

    @Command(name = "list", description = "List the tokens that are good: names, not the tokens themselves")
    static final class Listing extends OnTheFile {
        private static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneId.systemDefault());

        @Option(names = "--json", description = "print them as JSON")
        private boolean json;

        @Override
        void run(SchedulerConfig scheduler, TokenFile file) throws ConfigException {
            List<NamedToken> tokens = file.read().tokens();
            if (json) {
                System.out.println(toJson(tokens));
            } else if (tokens.isEmpty()) {
                System.out.println("There are no tokens in " + file.path() + "; jdist token new makes one.");
            } else {
                print(tokens);
            }
        }

        private static void print(List<NamedToken> tokens) {
            int widest = tokens.stream()
                    .mapToInt(token -> token.name().length())
                    .max()
                    .orElse(0);
            String row = "%-" + Math.max(widest, "NAME".length()) + "s  %-7s  %-21s  %-16s  %s%n";
            System.out.printf(row, "NAME", "KIND", "ADDRESS", "MADE", "EXPIRES");
            for (NamedToken token : tokens) {
                String address = token.address().map(ServerId::toString).orElse("-");
                String expires = token.expires()
                        .map(end -> TIME.format(end) + (end.isAfter(Instant.now()) ? "" : ", over"))
                        .orElse("-");
                System.out.printf(row, token.name(), token.kind(), address, TIME.format(token.made()), expires);
            }
        }

        private static String toJson(List<NamedToken> tokens) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            for (NamedToken token : tokens) {
                all.addObject()
                        .put("name", token.name())
                        .put("kind", token.kind().toString())
                        .put("address", token.address().map(ServerId::toString).orElse(null))
                        .put("made", token.made().toString())
                        .put("expires", token.expires().map(Instant::toString).orElse(null));
            }
            return all.toPrettyString();
        }
    }

    @Command(name = "revoke", description = "Revoke tokens: who shows one is sent away from now on")
    static final class Revoke extends OnTheFile {
        @Parameters(arity = "1..*", paramLabel = "NAME", description = "names of tokens")
        private List<String> names;

        @Override
        void run(SchedulerConfig scheduler, TokenFile file) throws ConfigException, StartupException, IOException {
            Set<String> wanted = new LinkedHashSet<>(names);
            change(file, before -> {
                for (String name : wanted) {
                    if (before.named(name).isEmpty()) {
                        throw new StartupException(
                                "there is no token \"" + name + "\"; jdist token list shows which there are");
                    }
                }
                return before.without(wanted);
            });
            wanted.forEach(name -> System.out.println("revoked " + name));
        }
    }
}
