package org.routingbridge.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.InstalledPrograms;

/** The compose files name what there is, and HAProxy understands its configuration. */
class ComposeFilesTest {

    private static final Path DOCKER = Path.of("docker");
    private static final Path HAPROXY = DOCKER.resolve("haproxy.cfg");
    private static final String SEVERAL = "compose-several.yaml";
    private static final Set<String> EMULATORS = Set.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    private static final Duration TO_STOP = Duration.ofSeconds(10);

    private static JsonNode compose(String file) throws IOException {
        return YamlFiles.documents(DOCKER.resolve(file)).get(0);
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        if (object.isArray()) {
            object.forEach(name -> names.add(name.asText()));
        } else {
            object.fieldNames().forEachRemaining(names::add);
        }
        return names;
    }

    private static List<JsonNode> bridges(JsonNode compose) {
        List<JsonNode> bridges = new ArrayList<>();
        compose.path("services").forEach(service -> {
            if (service.at("/build/dockerfile").asText().equals("docker/Dockerfile")) {
                bridges.add(service);
            }
        });
        return bridges;
    }

    @ParameterizedTest
    @ValueSource(strings = {"compose.yaml", SEVERAL})
    void everythingNamedIsThere(String file) throws IOException {
        // Given
        JsonNode compose = compose(file);
        Set<String> services = names(compose.path("services"));
        Set<String> volumes = names(compose.path("volumes"));

        // Then
        assertThat(bridges(compose)).isNotEmpty();
        compose.path("services").forEach(service -> {
            assertThat(services).containsAll(names(service.path("depends_on")));
            service.path("volumes").forEach(volume -> {
                String source = volume.asText().split(":")[0];
                assertThat(source.startsWith(".") ? Files.exists(DOCKER.resolve(source)) : volumes.contains(source))
                        .as(volume.asText()).isTrue();
            });
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"compose.yaml", SEVERAL})
    void theBridgeKnowsEveryVariable(String file) throws IOException {
        // Given
        Set<String> known = SettingsOfTheReadme.variables();
        known.addAll(EMULATORS);

        // Then
        assertThat(bridges(compose(file)))
                .allSatisfy(bridge -> assertThat(known).containsAll(names(bridge.path("environment"))));
    }

    @Test
    void aBridgeThatIsToldToStopHasTheTimeItTakes() throws IOException {
        assertThat(bridges(compose(SEVERAL))).hasSize(2).allSatisfy(bridge -> {
            Duration delay = Duration.parse("PT" + bridge.at("/environment/BRIDGE_SHUTDOWN_DELAY").asText());
            assertThat(Duration.parse("PT" + bridge.path("stop_grace_period").asText()))
                    .isGreaterThan(delay.plus(TO_STOP));
        });
    }

    @Test
    void noManagementPortIsPublished() throws IOException {
        assertThat(bridges(compose(SEVERAL))).allSatisfy(bridge -> assertThat(bridge.path("ports")).isEmpty());
    }

    @Test
    void haproxyUnderstandsItsConfiguration() throws Exception {
        // Given
        InstalledPrograms.assumeThereIs("haproxy", "haproxy");

        // When
        InstalledPrograms.Ended check = InstalledPrograms.run(null,
                List.of("haproxy", "-c", "-f", HAPROXY.toString()));

        // Then
        assertThat(check.status()).as(check.output()).isZero();
    }

    @Test
    void haproxyKnowsEveryBridge() throws IOException {
        // Given
        Set<String> bridges = new TreeSet<>();
        compose(SEVERAL).path("services").properties().forEach(service -> {
            if (service.getValue().at("/build/dockerfile").isTextual()) {
                bridges.add(service.getKey());
            }
        });

        // When
        List<String> servers = Files.readAllLines(HAPROXY).stream().map(String::strip)
                .filter(line -> line.startsWith("server ")).toList();

        // Then
        assertThat(servers).hasSize(2 * bridges.size());
        assertThat(new TreeSet<>(servers)).isEqualTo(new TreeSet<>(bridges.stream()
                .map(bridge -> "server " + bridge + " " + bridge + ":3000").toList()));
    }
}
