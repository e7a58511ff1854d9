package dev.jdist.scheduler.provision;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.auth.NamedToken;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** {@code jdist builder add}: looks at the machine, installs jdist there, and waits for the scheduler to count it. */
final class BuilderSetup {
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final long POLL_MILLIS = 1_000;

    private final BuilderRequest request;
    private final LocalScheduler scheduler;
    private final RemoteHost host;
    private final Path work;
    private final Consumer<String> say;
    /** Whether a token was made for a builder that is not there yet. */
    private final AtomicBoolean tokenUnused = new AtomicBoolean();

    /** @param say takes what the person is told */
    BuilderSetup(BuilderRequest request, LocalScheduler scheduler, RemoteHost host, Path work, Consumer<String> say) {
        this.request = request;
        this.scheduler = scheduler;
        this.host = host;
        this.work = work;
        this.say = say;
    }

    /**
     * @param home the directory of the running jdist
     * @param dryRun whether to leave it at the plan
     * @param wait how long the scheduler may take to count the builder
     */
    void run(Optional<Path> home, boolean dryRun, Duration wait)
            throws ConfigException, StartupException, IOException, InterruptedException {
        if (request.schedulerUrl().isEmpty()) {
            scheduler.mustBeReachable();
        }
        scheduler.mustRun();
        Program program = program(home);
        host.connect();
        HostReport report = host.look(scheduler.ip(), scheduler.port());
        Optional<NamedToken> token = scheduler.token(request.tokenName());
        Plan plan = new Planner(request, program, report)
                .plan(scheduler.port(request.schedulerUrl().isPresent()), token, new Connections());
        if (plan.isRecorded(report, program) && token.isPresent() && scheduler.counts(plan.builder())) {
            say.accept(request.destination() + " is the builder " + plan.builder()
                    + " already, and the scheduler counts it (" + scheduler.farmSize() + "); nothing was changed");
            return;
        }
        say.accept(plan.describe(request.destination(), report, request.tokenName(), program));
        if (dryRun) {
            say.accept("nothing was changed, as this is a dry run");
            return;
        }
        install(plan, program);
        awaitCounted(plan, wait);
        if (!listens(plan.builder())) {
            throw new StartupException("the scheduler counts " + request.destination() + ", and cannot reach "
                    + plan.builder() + "; there: let the firewall pass that port (ufw allow "
                    + plan.builder().port() + "/tcp)");
        }
        say.accept(request.destination() + " is the builder " + plan.builder() + " now, and the scheduler counts it: "
                + scheduler.farmSize());
    }

    private Program program(Optional<Path> home) throws StartupException, IOException, InterruptedException {
        if (!request.packages().isEmpty()) {
            return Program.packages(request.packages());
        }
        if (request.archive().isPresent()) {
            return Program.archive(request.archive().get());
        }
        return Program.archiveBeside(home.orElseThrow(
                () -> new StartupException("there is not an archive of jdist here; name one with --archive")));
    }

    private void install(Plan plan, Program program)
            throws ConfigException, StartupException, IOException, InterruptedException {
        Secret token = scheduler.makeToken(request.tokenName(), plan.builder());
        tokenUnused.set(true);
        Ssh.Outcome outcome;
        try {
            outcome = host.install(plan, stage(plan, program, token));
        } catch (StartupException | IOException | InterruptedException e) {
            abandon();
            throw e;
        }
        if (!outcome.succeeded()) {
            abandon();
            throw new StartupException(indent(outcome.complaint()) + request.destination()
                    + " could not be set up, and was left as it was before; its token was revoked");
        }
        tokenUnused.set(false);
        String note = HostReport.parse(outcome.output()).get("note");
        if (!note.isEmpty()) {
            say.accept("note: " + note);
        }
    }

    /** Revokes the token of a builder that did not come to be. */
    void abandon() throws ConfigException, StartupException, IOException {
        if (tokenUnused.getAndSet(false)) {
            scheduler.revoke(request.tokenName());
        }
    }

    /** A directory with what the machine gets. */
    private Path stage(Plan plan, Program program, Secret token) throws IOException {
        Path stage = Files.createDirectory(work.resolve("stage"));
        Files.createFile(
                stage.resolve("server.conf"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(stage.resolve("server.conf"), plan.settings(token));
        Files.writeString(stage.resolve("record"), plan.record(program));
        for (Path file : program.files()) {
            String name = program.kind() == Program.Kind.ARCHIVE
                    ? "archive.tar.gz"
                    : file.getFileName().toString();
            Files.createSymbolicLink(stage.resolve(name), file.toRealPath());
        }
        return stage;
    }

    private void awaitCounted(Plan plan, Duration wait) throws StartupException, IOException, InterruptedException {
        long started = System.nanoTime();
        while (!scheduler.counts(plan.builder())) {
            if (System.nanoTime() - started >= wait.toNanos()) {
                throw new StartupException(indent(host.show(plan)) + request.destination()
                        + " is set up, and the scheduler does not count it after " + wait.toSeconds()
                        + " s. Mend what is said above and call this again, or take it back: jdist builder remove "
                        + request.destination());
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    static String indent(String text) {
        return text.lines().map(line -> "    " + line + "\n").collect(Collectors.joining());
    }

    private static boolean listens(ServerId address) {
        try (Socket socket = new Socket()) {
            socket.connect(address.toSocketAddress(), CONNECT_TIMEOUT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private final class Connections implements Planner.Probe {
        @Override
        public boolean exists(String path) throws IOException, StartupException, InterruptedException {
            return host.exists(path);
        }

        @Override
        public boolean listens(ServerId address) {
            return BuilderSetup.listens(address);
        }
    }
}
