package dev.jdist.scheduler.provision;

import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.auth.NamedToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Decides what to do on a machine by what it has. Everything that it lacks is said in one go. */
final class Planner {
    private static final Set<String> FOR_NOBODY_ELSE = Set.of("0.0.0.0", "::", "::1");

    private final BuilderRequest request;
    private final Program program;
    private final HostReport host;
    private final List<String> problems = new ArrayList<>();
    private final Mode mode;
    private final boolean bySudo;

    /** What cannot be read from the report: questions that depend on the plan. */
    interface Probe {
        /** Whether a file is there on the machine. */
        boolean exists(String path) throws IOException, StartupException, InterruptedException;

        /** Whether a program accepts connections there. */
        boolean listens(ServerId address);
    }

    /** @throws StartupException if nobody can do there what is asked for */
    Planner(BuilderRequest request, Program program, HostReport host) throws StartupException {
        this.request = request;
        this.program = program;
        this.host = host;
        if (host.isRoot() && request.withoutRoot()) {
            throw new StartupException("--user is for a user who is not root; name one: USER@"
                    + BuilderRequest.hostOf(request.destination()));
        }
        bySudo = !host.isRoot() && host.says("sudo") && !request.withoutRoot();
        if (!host.isRoot() && !bySudo) {
            mode = Mode.USER;
        } else {
            mode = program.kind() == Program.Kind.PACKAGES ? Mode.PACKAGE : Mode.SYSTEM;
        }
    }

    /**
     * @param local how the scheduler of this machine is spoken to
     * @param token that has the name of the builder's token already
     * @throws StartupException with all that stands in the way, a line each
     */
    Plan plan(SchedulerPort local, Optional<NamedToken> token, Probe probe)
            throws IOException, StartupException, InterruptedException {
        checkSystem();
        checkProgram();
        String account = account();
        checkReachable(local.port());
        Optional<ServerId> builder = builder();
        Optional<ServerId> scheduler = BuilderRequest.addressWith(host.get("scheduler_ip"), local.port());
        String prefix = request.prefix().orElse(mode == Mode.USER ? home() + "/.local/share/jdist" : "/opt/jdist");
        boolean wasHere = !host.recorded(mode, "mode").isEmpty();
        if (wasHere) {
            checkSameWay(prefix);
        } else {
            checkFree(prefix, builder, probe);
        }
        builder.ifPresent(address -> token.ifPresent(taken -> checkToken(taken, address)));
        if (!problems.isEmpty()) {
            problems.add(request.destination() + " was left as it was");
            throw new StartupException(String.join("\n", problems));
        }
        return new Plan(
                mode,
                bySudo,
                prefix,
                account,
                host.says(mode == Mode.USER ? "user_systemd" : "systemd"),
                builder.orElseThrow(),
                request.schedulerUrl()
                        .orElseGet(() -> local.scheme()
                                + scheduler.map(ServerId::toString).orElseThrow()),
                local.pin(),
                mode == Mode.USER ? home() + "/.config/jdist" : "/etc/jdist",
                wasHere);
    }

    private void problem(String text) {
        problems.add(request.destination() + ": " + text);
    }

    private String home() {
        return host.get("home");
    }

    private void checkSystem() {
        if (!host.get("kernel").equals("Linux")) {
            problem("runs " + host.get("kernel") + ", and builders run on Linux");
        }
        if (mode == Mode.PACKAGE && !host.says("dpkg")) {
            problem("has no dpkg; give an --archive instead of packages");
        }
        if (mode != Mode.PACKAGE) {
            for (String tool : List.of("tar", "gzip")) {
                if (!host.says(tool)) {
                    problem("has no " + tool + "; install it there");
                }
            }
        }
    }

    private void checkProgram() {
        if (program.kind() == Program.Kind.PACKAGES && mode == Mode.USER) {
            problem("packages are for root to install; name root@" + BuilderRequest.hostOf(request.destination())
                    + ", or a user for whom sudo asks for no password");
        }
        if (!program.architecture().equals(Program.ANY)
                && !program.architecture().equals(host.get("arch"))) {
            problem("is " + host.get("arch") + ", and " + program.names() + " is for " + program.architecture()
                    + "; build one for it, on such a machine");
        }
        if (!program.bringsJava() && !host.has("java")) {
            problem("has no Java runtime of version 17 or later; there: apt install openjdk-17-jre-headless");
        }
    }

    /** A builder of root's that cannot make namespaces as a user runs as root, in sandboxes that need none. */
    private String account() {
        String account = mode == Mode.USER ? host.get("user") : "jdist-builder";
        if (!host.has("bwrap")) {
            if (mode != Mode.PACKAGE) { // which depends on it
                problem("has no bubblewrap; there: apt install bubblewrap");
            }
        } else if (!host.says("namespaces")) {
            if (mode == Mode.SYSTEM) {
                return "root";
            }
            problem("does not let a user make namespaces for jobs (" + host.get("namespaces")
                    + "); there, as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu),"
                    + " kernel.unprivileged_userns_clone=1 (old Debian), or user.max_user_namespaces=15000");
        }
        return account;
    }

    private void checkReachable(int schedulerPort) {
        if (request.schedulerUrl().isPresent()) {
            return;
        }
        String ip = host.get("scheduler_ip");
        Optional<ServerId> scheduler = BuilderRequest.addressWith(ip, schedulerPort);
        if (scheduler.isEmpty()) {
            problem(
                    "does not tell from which address ssh comes; say how it reaches the scheduler, with --scheduler-url");
        } else if (host.says("unreachable")) {
            problem("cannot reach the scheduler at " + scheduler.get()
                    + "; start it here, and let the firewall here pass that port (ufw allow " + schedulerPort
                    + "/tcp)");
        }
    }

    private Optional<ServerId> builder() {
        String ip = request.address().orElse(host.get("ip"));
        Optional<ServerId> address = BuilderRequest.addressWith(ip, request.port());
        boolean seenFromHere = request.schedulerUrl().isPresent() || !ip.startsWith("127.");
        if (address.isEmpty() || FOR_NOBODY_ELSE.contains(ip) || !seenFromHere) {
            problem("has no address that is to be seen from here; give one with --address");
            return Optional.empty();
        }
        return address;
    }

    private void checkSameWay(String prefix) {
        String before = host.recorded(mode, "mode") + ", " + host.recorded(mode, "prefix");
        String now = mode + ", " + prefix;
        if (!before.equals(now)) {
            problem("was made a builder in another way (" + before + ") than now (" + now
                    + "); take that back first: jdist builder remove " + request.destination());
        }
    }

    private void checkFree(String prefix, Optional<ServerId> builder, Probe probe)
            throws IOException, StartupException, InterruptedException {
        String settings = host.recorded(mode, "settings");
        if (!settings.isEmpty()) {
            problem("has " + settings
                    + " already, which jdist builder did not write: it seems to be a builder. Move that"
                    + " file away there, if it is not wanted");
        }
        if (mode != Mode.PACKAGE && probe.exists(prefix)) {
            problem("has " + prefix + " already, which jdist builder did not make; choose another --prefix");
        }
        if (builder.isPresent() && probe.listens(builder.get())) {
            problem("has a program that listens on port " + request.port()
                    + " already; stop it there, or choose another --port");
        }
    }

    private void checkToken(NamedToken taken, ServerId builder) {
        if (!taken.address().equals(Optional.of(builder))) {
            problem("there is a token '" + taken.name() + "' already, which is not for " + builder
                    + "; choose another --name, or revoke it: jdist token revoke " + taken.name());
        }
    }
}
