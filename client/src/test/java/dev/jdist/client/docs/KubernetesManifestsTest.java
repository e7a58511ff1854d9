package dev.jdist.client.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.settings.Machine;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.settings.ServerSettings;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code configs/kubernetes}, held against the official client's model of the API, and against itself. */
class KubernetesManifestsTest {
    private static final Path DIRECTORY = Path.of("../configs/kubernetes");
    private static final YAMLMapper YAML = new YAMLMapper();

    private static final Map<String, Class<?>> MODELS = Map.of(
            "v1 Namespace", V1Namespace.class,
            "v1 Service", V1Service.class,
            "apps/v1 Deployment", V1Deployment.class,
            "apps/v1 StatefulSet", V1StatefulSet.class,
            "networking.k8s.io/v1 NetworkPolicy", V1NetworkPolicy.class);

    /** Objects with keys of one's own. */
    private static final Set<String> FREE = Set.of("labels", "matchLabels", "requests", "limits", "selector");

    @TempDir
    private Path directory;

    private record Manifest(String file, JsonNode object) {
        @Override
        public String toString() {
            return file + ": " + object.get("kind").asText() + " "
                    + object.at("/metadata/name").asText();
        }
    }

    static List<Manifest> manifests() throws IOException {
        List<Manifest> manifests = new ArrayList<>();
        for (String file : files()) {
            try (var documents = YAML.readerFor(JsonNode.class)
                    .<JsonNode>readValues(DIRECTORY.resolve(file).toFile())) {
                documents.forEachRemaining(object -> manifests.add(new Manifest(file, object)));
            }
        }
        return manifests;
    }

    private static List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml") && !name.equals("kustomization.yaml"))
                    .sorted()
                    .toList();
        }
    }

    private static JsonNode manifest(String kind) throws IOException {
        return manifests().stream()
                .map(Manifest::object)
                .filter(object -> object.get("kind").asText().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    /** @throws RuntimeException if there is a field that Kubernetes does not know, or none that it demands */
    private static void parse(JsonNode object) {
        String type =
                object.get("apiVersion").asText() + " " + object.get("kind").asText();
        Class<?> model = MODELS.get(type);
        assertNotNull(model, "no model for " + type);
        assertNotNull(JSON.getGson().fromJson(object.toString(), model));
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void manifest_ofEachFile_isWhatKubernetesKnows(Manifest manifest) {
        parse(manifest.object());
    }

    /** So that the test above can fail: it does for each single field. */
    @ParameterizedTest
    @MethodSource("manifests")
    void manifest_withAnyFieldMisspelt_isRefused(Manifest manifest) {
        int misspelt = misspellEach(manifest.object(), manifest.object(), false);

        assertTrue(misspelt >= 3, manifest + " has only " + misspelt + " fields");
    }

    private static int misspellEach(JsonNode root, JsonNode node, boolean isFree) {
        int misspelt = 0;
        if (node instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                JsonNode value = object.get(name);
                boolean isType = node == root && (name.equals("kind") || name.equals("apiVersion"));
                if (!isFree && !isType) {
                    object.remove(name);
                    object.set(name + "s", value);
                    RuntimeException refusal = assertThrows(RuntimeException.class, () -> parse(root), name + "s");
                    assertTrue(refusal.getMessage().contains(name), refusal.getMessage());
                    object.remove(name + "s");
                    object.set(name, value);
                    misspelt++;
                }
                // The selector of a workload is an object of its own, that of a service is free.
                boolean isFreeBelow = FREE.contains(name) && !value.has("matchLabels");
                misspelt += misspellEach(root, value, isFreeBelow);
            }
        } else if (node instanceof ArrayNode array) {
            for (JsonNode element : array) {
                misspelt += misspellEach(root, element, false);
            }
        }
        return misspelt;
    }

    @Test
    void kustomization_always_namesAllFiles() throws IOException {
        JsonNode kustomization =
                YAML.readTree(DIRECTORY.resolve("kustomization.yaml").toFile());

        assertEquals(
                files(), texts(kustomization.get("resources")).stream().sorted().toList());
        for (String script : texts(kustomization.at("/configMapGenerator/0/files"))) {
            assertTrue(Files.exists(DIRECTORY.resolve(script)), script);
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.asText()));
        return texts;
    }

    /** What only an API server would find. */
    @ParameterizedTest
    @CsvSource({"Deployment, start-scheduler", "StatefulSet, start-builder"})
    void workload_always_agreesWithItself(String kind, String script) throws IOException {
        JsonNode workload = manifest(kind);
        JsonNode pod = workload.at("/spec/template/spec");
        JsonNode container = pod.at("/containers/0");

        assertEquals(workload.at("/spec/selector/matchLabels"), workload.at("/spec/template/metadata/labels"));
        Set<String> volumes = new TreeSet<>();
        pod.get("volumes").forEach(volume -> volumes.add(volume.get("name").asText()));
        Set<String> mounted = new TreeSet<>();
        container
                .get("volumeMounts")
                .forEach(mount -> mounted.add(mount.get("name").asText()));
        assertEquals(volumes, mounted);
        JsonNode kustomization =
                YAML.readTree(DIRECTORY.resolve("kustomization.yaml").toFile());
        assertEquals(
                kustomization.at("/configMapGenerator/0/name").asText(),
                pod.at("/volumes/0/configMap/name").asText());
        assertEquals("/etc/jdist/" + script, container.at("/command/1").asText());
        assertTrue(texts(kustomization.at("/configMapGenerator/0/files")).contains(script));
        assertEquals(
                kustomization.at("/images/0/name").asText(),
                container.get("image").asText());
        String port = container.at("/ports/0/name").asText();
        for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
            assertEquals(port, container.at("/" + probe + "/httpGet/port").asText(), probe);
        }
    }

    @Test
    void probes_always_askWhatIsAnswered() throws IOException {
        JsonNode scheduler = manifest("Deployment").at("/spec/template/spec/containers/0");
        JsonNode builder = manifest("StatefulSet").at("/spec/template/spec/containers/0");

        assertEquals(
                Endpoints.STATUS, scheduler.at("/readinessProbe/httpGet/path").asText());
        assertEquals(
                Endpoints.STATUS, scheduler.at("/livenessProbe/httpGet/path").asText());
        assertEquals(Endpoints.READY, builder.at("/readinessProbe/httpGet/path").asText());
        assertEquals(Endpoints.LIVE, builder.at("/livenessProbe/httpGet/path").asText());
        assertEquals("HTTPS", builder.at("/readinessProbe/httpGet/scheme").asText());
    }

    @ParameterizedTest
    @CsvSource({"10.42.0.7, 10.42.0.7:10501", "fd00::7, '[fd00::7]:10501'"})
    void startBuilder_ofAnAddress_writesSettingsThatABuilderTakes(String address, String expected) throws Exception {
        Path settings = start("start-builder", address).resolve("server.conf");

        ServerConfig config = ServerConfig.read(settings, Machine.ofThisProcess());
        assertEquals(expected, config.publicAddr().toString());
        assertEquals("http://jdist-scheduler:10600/", config.schedulerUrl().toString());
        assertEquals(new ServerConfig.SchedulerAuth.Token(new Secret("token-of-builders")), config.schedulerAuth());
        long grace = manifest("StatefulSet")
                .at("/spec/template/spec/terminationGracePeriodSeconds")
                .asLong();
        assertTrue(config.get(ServerSettings.DRAIN).toSeconds() + 20 < grace, "jobs are killed while they may go on");
    }

    @ParameterizedTest
    @CsvSource({"10.42.0.7, 10.42.0.7:10600", "fd00::7, '[fd00::7]:10600'"})
    void startScheduler_ofAnAddress_writesSettingsThatASchedulerTakes(String address, String expected)
            throws Exception {
        Path settings = start("start-scheduler", address).resolve("scheduler.conf");

        SchedulerConfig config = SchedulerConfig.read(settings);
        assertEquals(expected, config.publicAddr().toString());
        assertEquals(new SchedulerConfig.ClientAuth.Token(new Secret("token-of-clients")), config.clientAuth());
        assertEquals(new SchedulerConfig.ServerAuth.Token(new Secret("token-of-builders")), config.serverAuth());
    }

    /** Runs a start script as the container does, up to the program jdist. Returns where the settings are. */
    private Path start(String script, String address) throws IOException, InterruptedException {
        Path tokens = Files.createDirectory(directory.resolve("tokens"));
        Files.writeString(tokens.resolve("client"), "token-of-clients\n");
        Files.writeString(tokens.resolve("builder"), "token-of-builders");
        Path jdist = Files.writeString(directory.resolve("jdist"), "#!/bin/sh\necho \"$@\"\n");
        Files.setPosixFilePermissions(jdist, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path settings = Files.createDirectory(directory.resolve("settings"));
        ProcessBuilder shell =
                new ProcessBuilder("sh", DIRECTORY.resolve(script).toString());
        shell.environment().put("PATH", directory + ":/usr/bin:/bin");
        shell.environment().put("POD_IP", address);
        shell.environment().put("TOKENS_DIR", tokens.toString());
        shell.environment().put("SETTINGS_DIR", settings.toString());
        for (JsonNode variable : manifest("StatefulSet").at("/spec/template/spec/containers/0/env")) {
            if (variable.has("value")) {
                shell.environment()
                        .put(
                                variable.get("name").asText(),
                                variable.get("value").asText());
            }
        }
        Process process = shell.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains(" --config " + settings), said);
        for (Path file : List.of(settings.resolve("server.conf"), settings.resolve("scheduler.conf"))) {
            if (Files.exists(file)) {
                assertFalse(Files.getPosixFilePermissions(file).toString().contains("OTHERS"), file.toString());
            }
        }
        return settings;
    }
}
