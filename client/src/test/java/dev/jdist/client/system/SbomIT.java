package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The list of what the distribution consists of, held against the distribution. */
class SbomIT {
    private static final Path TREE = Path.of(System.getProperty("jdist.dist"));

    private static JsonNode sbom() throws IOException {
        return new ObjectMapper().readTree(TREE.resolve("sbom.json").toFile());
    }

    /** By their places in the tree. */
    private static Map<String, JsonNode> components() throws IOException {
        Map<String, JsonNode> components = new TreeMap<>();
        for (JsonNode each : sbom().get("components")) {
            components.put(property(each, "jdist:path"), each);
        }
        return components;
    }

    private static String property(JsonNode component, String name) {
        for (JsonNode each : component.get("properties")) {
            if (each.get("name").asText().equals(name)) {
                return each.get("value").asText();
            }
        }
        throw new AssertionError(component + " has no " + name);
    }

    private static String digest(Path file) throws IOException, GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    void components_areAllThatIsShippedAndNoMore() throws Exception {
        Set<String> shipped = new TreeSet<>(Set.of("bin/jdist", "lib/jdist-sandbox"));
        try (Stream<Path> files = Files.list(TREE.resolve("lib"))) {
            files.map(file -> "lib/" + file.getFileName())
                    .filter(name -> name.endsWith(".jar"))
                    .forEach(shipped::add);
        }
        if (Files.exists(TREE.resolve("runtime"))) {
            shipped.add("runtime/lib/modules");
        }

        assertEquals(shipped, components().keySet());
    }

    @Test
    void component_hasTheDigestOfItsFile() throws Exception {
        for (Map.Entry<String, JsonNode> each : components().entrySet()) {
            JsonNode hash = each.getValue().get("hashes").get(0);
            assertEquals("SHA-256", hash.get("alg").asText());
            assertEquals(
                    digest(TREE.resolve(each.getKey())), hash.get("content").asText(), each.getKey());
        }
    }

    @Test
    void jar_hasTheVersionOfItsFileAndAPackageUrl() throws Exception {
        for (Map.Entry<String, JsonNode> each : components().entrySet()) {
            JsonNode jar = each.getValue();
            if (each.getKey().endsWith(".jar")) {
                String name = jar.get("name").asText();
                String version = jar.get("version").asText();
                String file = each.getKey().substring("lib/".length());
                assertTrue(file.matches("\\Q" + name + "-" + version + "\\E(-linux-\\w+)?\\.jar"), jar.toString());
                String classifier = file.contains("-linux-")
                        ? "classifier=linux-" + file.replaceAll(".*-linux-|\\.jar", "") + "&"
                        : "";
                assertEquals(
                        "pkg:maven/" + jar.get("group").asText() + "/" + name + "@" + version + "?" + classifier
                                + "type=jar",
                        jar.get("purl").asText());
            }
        }
    }

    /** Nothing is loaded by them, so that what they are linked with is in them. */
    @Test
    void program_namesTheLibrariesInIt() throws Exception {
        for (String program : new String[] {"bin/jdist", "lib/jdist-sandbox"}) {
            Set<String> linked = Stream.of(components().get(program).get("components"))
                    .flatMap(all -> {
                        Stream.Builder<String> names = Stream.builder();
                        all.forEach(library -> names.add(property(library, "jdist:linked")));
                        return names.build();
                    })
                    .collect(Collectors.toSet());

            assertTrue(linked.contains("libc.a"), program + ": " + linked);
        }
    }

    @Test
    void references_areUnique() throws Exception {
        Set<String> seen = new TreeSet<>();
        for (JsonNode each : sbom().get("components")) {
            assertTrue(seen.add(each.get("bom-ref").asText()), each.toString());
        }
    }

    /** What would be another in each build. */
    @Test
    void document_hasNeitherTimeNorSerialNumber() throws Exception {
        assertEquals("CycloneDX", sbom().get("bomFormat").asText());
        assertEquals("1.6", sbom().get("specVersion").asText());
        assertFalse(sbom().has("serialNumber"));
        assertFalse(sbom().get("metadata").has("timestamp"));
    }
}
