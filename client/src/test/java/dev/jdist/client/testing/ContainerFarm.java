package dev.jdist.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * A farm of containers: a scheduler, builders and a client, each with an address, files and processes of its own. None is
 * privileged, none has a capability, and all that runs in them runs as a user without rights, as docs/settings.md tells
 * it ("In containers"). A WARN in a log fails the test.
 */
public final class ContainerFarm implements AutoCloseable {
    public static final String BUILD_DIRECTORY = "/home/jdist/.cache/jdist/build";

    private static final String USER = "10001:10001";
    /** Of the addresses for measurements, which hardly any network has. The network has no way out of it. */
    private static final String NETWORK = "198.18.113.";

    private static final String SUBNET = NETWORK + "0/24";

    private static final String SCHEDULER_ADDRESS = NETWORK + "10";
    private static final String SCHEDULER_URL = "http://" + SCHEDULER_ADDRESS + ":10600";
    private static final Duration TIMEOUT = Duration.ofSeconds(120);
    private static final int STOP_SECONDS = 90;

    private final String image;
    private final Network network;
    private final GenericContainer<?> scheduler;
    private final List<GenericContainer<?>> builders = new ArrayList<>();
    private final GenericContainer<?> client;

    public ContainerFarm() {
        image = System.getenv("JDIST_CONTAINER_IMAGE");
        assertNotNull(image, "no image to make containers of: run scripts/check docker");
        network = Network.builder()
                .createNetworkCmdModifier(command -> command.withInternal(true)
                        .withIpam(new com.github.dockerjava.api.model.Network.Ipam()
                                .withConfig(
                                        new com.github.dockerjava.api.model.Network.Ipam.Config().withSubnet(SUBNET))))
                .build();
        scheduler = container(SCHEDULER_ADDRESS, new HostConfig(), "scheduler.conf", """
                        public_addr = "%s:10600"
                        [client_auth]
                        type = "token"
                        token = "token-of-clients"
                        [server_auth]
                        type = "token"
                        token = "token-of-builders"
                        """.formatted(SCHEDULER_ADDRESS))
                .withEnv("SCCACHE_NO_DAEMON", "1")
                .withCommand("/opt/jdist/bin/jdist", "scheduler", "--config", "/etc/jdist/scheduler.conf")
                .waitingFor(Wait.forLogMessage(".*listening on.*\\n", 1).withStartupTimeout(TIMEOUT));
        client = container(NETWORK + "20", new HostConfig(), "client.conf", """
                        [dist]
                        scheduler_url = "%s"
                        toolchain_cache_size = 10737418240
                        [dist.auth]
                        type = "token"
                        token = "token-of-clients"
                        """.formatted(SCHEDULER_URL))
                .withEnv("SCCACHE_CONF", "/etc/jdist/client.conf")
                // A cache that is filled and never asked: two of the project's units are the same.
                .withEnv("SCCACHE_RECACHE", "1")
                .withEnv("PATH", "/opt/jdist/bin:/usr/local/bin:/usr/bin:/bin")
                .withCommand("sleep", "infinity");
    }

    public void start() {
        scheduler.start();
        client.start();
    }

    /**
     * Starts one more builder, and waits until the scheduler counts it.
     *
     * @param volume whether what it keeps is on a volume, or else in the container's own files
     */
    public void startBuilder(boolean volume) {
        String address = NETWORK + (11 + builders.size());
        GenericContainer<?> builder = container(
                        address, new UnmaskedHostConfig(), "server.conf", """
                        public_addr = "%s:10501"
                        scheduler_url = "%s"
                        [builder]
                        type = "overlay"
                        [scheduler_auth]
                        type = "token"
                        token = "token-of-builders"
                        """.formatted(address, SCHEDULER_URL))
                .withCommand("/opt/jdist/bin/jdist", "server", "--config", "/etc/jdist/server.conf")
                .waitingFor(Wait.forLogMessage(".*registered with.*\\n", 1).withStartupTimeout(TIMEOUT));
        if (volume) {
            builder.withCreateContainerCmdModifier(
                    command -> command.withVolumes(new Volume("/home/jdist/.cache/jdist")));
        }
        builders.add(builder);
        builder.start();
    }

    private GenericContainer<?> container(String address, HostConfig host, String name, String settings) {
        Path dist = Path.of(System.getProperty("jdist.dist"));
        host.withNetworkMode(network.getId()).withCapDrop(Capability.ALL).withSecurityOpts(securityOptions(host));
        return new GenericContainer<>(DockerImageName.parse(image))
                .withImagePullPolicy(missing -> false)
                .withCopyFileToContainer(MountableFile.forHostPath(dist), "/opt/jdist")
                .withCopyToContainer(Transferable.of(settings), "/etc/jdist/" + name)
                .withCreateContainerCmdModifier(
                        command -> command.withUser(USER).withHostConfig(host).withIpv4Address(address));
    }

    private static List<String> securityOptions(HostConfig host) {
        return host instanceof UnmaskedHostConfig
                ? List.of("no-new-privileges", "seccomp=unconfined", "apparmor=unconfined")
                : List.of("no-new-privileges");
    }

    /** {@code --security-opt systempaths=unconfined}, which the program docker translates and docker-java does not know. */
    private static final class UnmaskedHostConfig extends HostConfig {
        private static final long serialVersionUID = 1;

        @Override
        public Map<String, Object> getRawValues() {
            return Map.of("MaskedPaths", List.of(), "ReadonlyPaths", List.of());
        }
    }

    public String schedulerUrl() {
        return SCHEDULER_URL;
    }

    /** What a shell of the client says to this, on standard output. */
    public String type(String commands) throws IOException, InterruptedException {
        return run(client, commands);
    }

    /** What a shell in a builder's container says to this. */
    public String inBuilder(int index, String commands) throws IOException, InterruptedException {
        return run(builders.get(index), commands);
    }

    private static String run(GenericContainer<?> container, String commands) throws IOException, InterruptedException {
        ExecResult result = container.execInContainer("sh", "-ec", "cd ~\n" + commands);
        assertEquals(0, result.getExitCode(), () -> commands + "\n" + result.getStdout() + result.getStderr());
        return result.getStdout();
    }

    public String builderLog(int index) {
        return builders.get(index).getLogs();
    }

    /** How the engine keeps containers' files. */
    public String storageDriver() {
        return engine().infoCmd().exec().getDriver();
    }

    /** Stops a builder as {@code docker stop} does. Returns the exit code of its process. */
    public long stopBuilder(int index) {
        String id = builders.get(index).getContainerId();
        engine().stopContainerCmd(id).withTimeout(STOP_SECONDS).exec();
        return engine().inspectContainerCmd(id).exec().getState().getExitCodeLong();
    }

    /** The names of the files that a builder's container has below a directory; it may have stopped. */
    public List<String> filesOfBuilder(int index, String directory) throws IOException {
        List<String> names = new ArrayList<>();
        String id = builders.get(index).getContainerId();
        try (var tar = new TarArchiveInputStream(
                engine().copyArchiveFromContainerCmd(id, directory).exec())) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }

    private static DockerClient engine() {
        return DockerClientFactory.instance().client();
    }

    /** Removes all containers with their volumes, and fails if a log holds a warning. */
    @Override
    public void close() {
        List<String> warnings = new ArrayList<>();
        List<GenericContainer<?>> all = new ArrayList<>(builders);
        all.add(client);
        all.add(scheduler);
        for (GenericContainer<?> container : all) {
            if (container.getContainerId() != null) {
                container
                        .getLogs()
                        .lines()
                        .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                        // The engine makes files root's, so that a container's user reads them as everybody does.
                        .filter(line -> !line.contains("can read the secrets"))
                        .forEach(warnings::add);
            }
            container.stop();
        }
        network.close();
        assertEquals(List.of(), warnings);
    }
}
