package dev.jdist.scheduler.provision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.auth.NamedToken;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static final Program ARCHIVE =
            new Program(Program.Kind.ARCHIVE, List.of(Path.of("/a/jdist.tar.gz")), "x86_64", false, "sha256:00");
    private static final Program PACKAGES =
            new Program(Program.Kind.PACKAGES, List.of(Path.of("/a/jdist_amd64.deb")), "x86_64", true, "sha256:00");

    private final Map<String, String> machine = new LinkedHashMap<>(Map.ofEntries(
            Map.entry("arch", "x86_64"),
            Map.entry("kernel", "Linux"),
            Map.entry("uid", "0"),
            Map.entry("user", "root"),
            Map.entry("home", "/root"),
            Map.entry("systemd", "yes"),
            Map.entry("java", "17"),
            Map.entry("bwrap", "0.8.0"),
            Map.entry("namespaces", "yes"),
            Map.entry("tar", "yes"),
            Map.entry("gzip", "yes"),
            Map.entry("dpkg", "yes"),
            Map.entry("scheduler_ip", "192.168.1.210"),
            Map.entry("ip", "192.168.1.211")));
    private Program program = ARCHIVE;
    private boolean prefixExists;
    private boolean portTaken;
    private Optional<NamedToken> token = Optional.empty();

    private void isUser() {
        machine.putAll(Map.of("uid", "1000", "user", "bob", "home", "/home/bob", "user_systemd", "yes"));
    }

    private static BuilderRequest request(String address, String url, boolean withoutRoot) {
        return new BuilderRequest(
                "me@dell",
                Optional.empty(),
                List.of(),
                Optional.ofNullable(address),
                10501,
                Optional.ofNullable(url),
                "dell",
                Optional.empty(),
                withoutRoot);
    }

    private Plan plan(BuilderRequest request) throws Exception {
        HostReport report = HostReport.parse(machine.entrySet().stream()
                .map(entry -> "@" + entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining("\n", "Welcome!\n", "\n")));
        return new Planner(request, program, report).plan(SchedulerPort.plain(10600), token, new Planner.Probe() {
            @Override
            public boolean exists(String path) {
                return prefixExists;
            }

            @Override
            public boolean listens(ServerId address) {
                return portTaken;
            }
        });
    }

    private Plan plan() throws Exception {
        return plan(request(null, null, false));
    }

    private void refuses(String... complaints) {
        String message = assertThrows(StartupException.class, this::plan).getMessage();
        for (String complaint : complaints) {
            assertTrue(message.contains("me@dell: " + complaint), message);
        }
        assertEquals(complaints.length + 1, message.lines().count(), message);
        assertTrue(message.endsWith("\nme@dell was left as it was"), message);
    }

    @Test
    void plan_root_isAServiceOfTheSystem() throws Exception {
        Plan plan = plan();

        assertEquals(
                new Plan(
                        Mode.SYSTEM,
                        false,
                        "/opt/jdist",
                        "jdist-builder",
                        true,
                        ServerId.parse("192.168.1.211:10501"),
                        "http://192.168.1.210:10600",
                        Optional.empty(),
                        "/etc/jdist",
                        false),
                plan);
    }

    @Test
    void plan_userWithSudo_isRootBySudoUnlessAskedNotTo() throws Exception {
        isUser();
        machine.put("sudo", "yes");

        assertTrue(plan().bySudo());
        assertEquals(Mode.SYSTEM, plan().mode());
        assertFalse(plan(request(null, null, true)).bySudo());
        assertEquals(Mode.USER, plan(request(null, null, true)).mode());
    }

    @Test
    void plan_userWithoutSudo_staysInTheHome() throws Exception {
        isUser();

        Plan plan = plan();

        assertEquals(Mode.USER, plan.mode());
        assertEquals("/home/bob/.local/share/jdist", plan.prefix());
        assertEquals("/home/bob/.config/jdist", plan.settingsDirectory());
        assertEquals("bob", plan.account());
    }

    @Test
    void plan_rootWithoutNamespacesForUsers_runsAsRoot() throws Exception {
        machine.put("namespaces", "bwrap: No permissions to create new namespace");

        assertEquals("root", plan().account());
    }

    @Test
    void plan_machineThatLacksThings_saysAllInOneGo() {
        machine.putAll(Map.of("java", "", "bwrap", "", "gzip", "", "unreachable", "yes"));

        refuses(
                "has no gzip; install it there",
                "has no Java runtime of version 17 or later; there: apt install openjdk-17-jre-headless",
                "has no bubblewrap; there: apt install bubblewrap",
                "cannot reach the scheduler at 192.168.1.210:10600; start it here, and let the firewall here pass that port"
                        + " (ufw allow 10600/tcp)");
    }

    @Test
    void plan_userWithoutNamespaces_isRefusedWithWhatToChange() {
        isUser();
        machine.put("namespaces", "bwrap: No permissions");

        refuses("does not let a user make namespaces for jobs (bwrap: No permissions); there, as root: sysctl");
    }

    @Test
    void plan_packagesWithoutRoot_areRefused() {
        isUser();
        program = PACKAGES;

        refuses("packages are for root to install; name root@dell, or a user for whom sudo asks for no password");
    }

    @Test
    void plan_anotherArchitecture_isRefused() {
        machine.put("arch", "aarch64");

        refuses("is aarch64, and jdist.tar.gz is for x86_64; build one for it, on such a machine");
    }

    @Test
    void plan_machineThatSomebodyElseSetUp_isRefused() {
        machine.put("system_settings", "/etc/jdist/server.conf");
        prefixExists = true;
        portTaken = true;

        refuses(
                "has /etc/jdist/server.conf already, which jdist builder did not write",
                "has /opt/jdist already, which jdist builder did not make; choose another --prefix",
                "has a program that listens on port 10501 already");
    }

    @Test
    void plan_machineThatWasSetUpBefore_isSetUpAgainInTheSameWayOnly() throws Exception {
        machine.putAll(Map.of("system_mode", "system", "system_prefix", "/opt/jdist"));
        prefixExists = true;
        portTaken = true;

        assertTrue(plan().wasHere());

        machine.put("system_prefix", "/srv/jdist");
        refuses(
                "was made a builder in another way (system, /srv/jdist) than now (system, /opt/jdist); take that back first:"
                        + " jdist builder remove me@dell");
    }

    @Test
    void plan_tokenOfTheSameName_mustBeOfThisBuilder() throws Exception {
        token = Optional.of(token("192.168.1.211:10501"));
        assertEquals("192.168.1.211:10501", plan().builder().toString());

        token = Optional.of(token("192.168.1.212:10501"));
        refuses(
                "there is a token 'dell' already, which is not for 192.168.1.211:10501; choose another --name, or revoke it:"
                        + " jdist token revoke dell");
    }

    private static NamedToken token(String address) {
        return new NamedToken(
                "dell",
                NamedToken.Kind.BUILDER,
                Optional.of(ServerId.parse(address)),
                Instant.EPOCH,
                Optional.empty(),
                NamedToken.digestOf("t"));
    }

    @Test
    void plan_addressThatOnlyTheMachineReaches_isRefused() throws Exception {
        machine.put("ip", "127.0.0.1");
        refuses("has no address that is to be seen from here; give one with --address");

        assertEquals(
                "[fd00::5]:10501",
                plan(request("fd00::5", null, false)).builder().toString());
        assertEquals(
                "127.0.0.1:10501",
                plan(request(null, "http://127.0.0.1:10600", false)).builder().toString());
    }

    @Test
    void plan_hostThatTellsNothing_isRefusedWithoutACrash() {
        machine.putAll(Map.of("ip", "-", "scheduler_ip", "-"));

        refuses("does not tell from which address ssh comes", "has no address that is to be seen from here");
    }

    @Test
    void planner_rootWithUserOption_isRefused() {
        String message = assertThrows(StartupException.class, () -> plan(request(null, null, true)))
                .getMessage();

        assertEquals("--user is for a user who is not root; name one: USER@dell", message);
    }
}
