package dev.jdist.scheduler.provision;

import dev.jdist.protocol.daemon.StartupException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The machine that is to be a builder, as far as {@code builder-host.sh} can tell and change it. */
final class RemoteHost {
    private static final String SCRIPT = "builder-host.sh";
    private static final Duration LOOK_TIMEOUT = Duration.ofMinutes(2);
    /** The whole archive over a slow line, or packages with all that they depend on. */
    private static final Duration INSTALL_TIMEOUT = Duration.ofHours(1);
    /** A builder finishes its jobs before it ends. */
    private static final Duration REMOVE_TIMEOUT = Duration.ofMinutes(10);

    private final Ssh ssh;
    private final String destination;
    private final Path script;

    RemoteHost(Ssh ssh, String destination, Path work) throws IOException {
        this.ssh = ssh;
        this.destination = destination;
        this.script = work.resolve(SCRIPT);
        try (InputStream in = RemoteHost.class.getResourceAsStream(SCRIPT)) {
            if (in == null) {
                throw new IllegalStateException(SCRIPT + " is missing in the jar");
            }
            Files.copy(in, script);
        }
    }

    /** @throws StartupException if ssh cannot log in without a question, with what to do */
    void connect() throws IOException, StartupException, InterruptedException {
        Ssh.Outcome outcome = ssh.run("true", LOOK_TIMEOUT);
        if (outcome.succeeded()) {
            return;
        }
        if (outcome.complaint().contains("Permission denied")) {
            throw new StartupException(
                    destination + " wants a password, or does not know your key. Give it your key, which"
                            + " asks for the password this once: ssh-copy-id " + destination
                            + " (if you have no key yet: ssh-keygen -t ed25519). Then call this again. Nothing was changed.");
        }
        if (outcome.complaint().contains("Host key verification failed")) {
            throw new StartupException(destination + " is not known to ssh, or is another machine than before ("
                    + outcome.lastComplaint() + "). Call ssh " + destination
                    + " once and compare its key. Nothing was changed.");
        }
        String why = outcome.lastComplaint().isEmpty() ? "it ends with an error" : outcome.lastComplaint();
        throw new StartupException("ssh " + destination + " does not work: " + why + ". Nothing was changed.");
    }

    /** @param schedulerIp or a dash for the address from which ssh comes */
    HostReport look(String schedulerIp, int schedulerPort) throws IOException, StartupException, InterruptedException {
        Ssh.Outcome outcome =
                ssh.run(shell("look", schedulerIp, Integer.toString(schedulerPort)), script, LOOK_TIMEOUT);
        HostReport report = HostReport.parse(outcome.output());
        if (!report.has("arch") || !report.has("uid")) {
            throw new StartupException(destination + " cannot be looked at: " + outcome.lastComplaint());
        }
        return report;
    }

    boolean exists(String path) throws IOException, StartupException, InterruptedException {
        return ssh.run("test -e " + quote(path), LOOK_TIMEOUT).succeeded();
    }

    /**
     * Sends a directory with the program, {@code server.conf} and {@code record}, and has it installed. If that fails, the
     * script takes back what it did.
     */
    Ssh.Outcome install(Plan plan, Path stage) throws IOException, StartupException, InterruptedException {
        Files.copy(script, stage.resolve(SCRIPT));
        String sudo = sudo(plan.bySudo());
        String arguments = Stream.of("install", plan.mode().toString(), plan.prefix())
                .map(RemoteHost::quote)
                .collect(Collectors.joining(" "));
        // Nothing is run unless all of it arrived, by tar's judgement.
        String command = "umask 077; d=$(mktemp -d) && tar -x -C \"$d\" && " + sudo + "sh \"$d/" + SCRIPT + "\" "
                + arguments + " \"$d\" " + (plan.wasHere() ? "yes" : "no") + " </dev/null; code=$?; " + sudo
                + "rm -rf \"$d\"; exit $code";
        return ssh.send(stage, command, INSTALL_TIMEOUT);
    }

    /** Why the builder may not have joined, in the words of its log and of {@code jdist doctor} there. */
    String show(Plan plan) throws IOException, StartupException, InterruptedException {
        Ssh.Outcome outcome = ssh.run(
                sudo(plan.bySudo()) + shell("show", plan.mode().toString(), plan.prefix()), script, LOOK_TIMEOUT);
        return outcome.output() + outcome.complaint();
    }

    Ssh.Outcome remove(String mode, String prefix, boolean bySudo)
            throws IOException, StartupException, InterruptedException {
        return ssh.run(sudo(bySudo) + shell("remove", mode, prefix), script, REMOVE_TIMEOUT);
    }

    private static String sudo(boolean wanted) {
        return wanted ? "sudo -n " : "";
    }

    private static String shell(String... arguments) {
        List<String> line = new ArrayList<>(List.of("sh", "-s", "--"));
        Stream.of(arguments).map(RemoteHost::quote).forEach(line::add);
        return String.join(" ", line);
    }

    static String quote(String argument) {
        return "'" + argument.replace("'", "'\\''") + "'";
    }
}
