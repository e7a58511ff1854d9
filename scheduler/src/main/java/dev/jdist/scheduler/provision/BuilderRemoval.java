package dev.jdist.scheduler.provision;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.daemon.StartupException;
import java.io.IOException;
import java.util.function.Consumer;

/** {@code jdist builder remove}: takes back what {@link BuilderSetup} did on a machine, by the record that it left there. */
final class BuilderRemoval {
    private final String destination;
    private final String tokenName;
    private final LocalScheduler scheduler;
    private final RemoteHost host;
    private final Consumer<String> say;

    /** @param say takes what the person is told */
    BuilderRemoval(
            String destination, String tokenName, LocalScheduler scheduler, RemoteHost host, Consumer<String> say) {
        this.destination = destination;
        this.tokenName = tokenName;
        this.scheduler = scheduler;
        this.host = host;
        this.say = say;
    }

    void run(boolean dryRun) throws ConfigException, StartupException, IOException, InterruptedException {
        host.connect();
        HostReport report = host.look("-", scheduler.port());
        boolean ofUser = !report.isRoot() && report.has("user_mode");
        Mode scope = ofUser ? Mode.USER : Mode.SYSTEM;
        String mode = report.recorded(scope, "mode");
        if (mode.isEmpty()) {
            if (!dryRun) {
                scheduler.revoke(tokenName);
            }
            say.accept(destination + " is no builder that jdist builder made; nothing was changed there");
            return;
        }
        boolean bySudo = !ofUser && !report.isRoot();
        if (bySudo && !report.says("sudo")) {
            throw new StartupException(
                    destination + " was made a builder by root; name root@" + BuilderRequest.hostOf(destination));
        }
        if (dryRun) {
            say.accept("the builder " + report.recorded(scope, "builder") + " would be stopped and removed from "
                    + destination + ", and its token '" + tokenName
                    + "' revoked; nothing was changed, as this is a dry run");
            return;
        }
        Ssh.Outcome outcome = host.remove(mode, report.recorded(scope, "prefix"), bySudo);
        if (!outcome.succeeded()) {
            throw new StartupException(BuilderSetup.indent(outcome.output() + outcome.complaint()) + destination
                    + " could not be cleaned up");
        }
        // Last, so that a builder that has jobs can tell the scheduler of their ends.
        scheduler.revoke(tokenName);
        say.accept(destination + " is no builder any more, and its token is revoked");
    }
}
