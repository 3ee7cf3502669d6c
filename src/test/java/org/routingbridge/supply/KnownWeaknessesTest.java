package org.routingbridge.supply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.maven.artifact.versioning.ComparableVersion;
import org.junit.jupiter.api.Test;

/** Holds what is shipped, by {@code target/bom.json}, against {@code known-weaknesses.txt}. */
class KnownWeaknessesTest {

    private record Weakness(String id, String artifact, String from, String below, String why) {

        static Weakness of(String line) {
            String[] columns = line.split("\\|", -1);
            assertThat(columns).as(line).hasSize(5);
            return new Weakness(columns[0].strip(), columns[1].strip(), columns[2].strip(), columns[3].strip(),
                    columns[4].strip());
        }

        boolean affects(String component, String version) {
            ComparableVersion shipped = new ComparableVersion(version);
            return artifact.equals(component) && shipped.compareTo(new ComparableVersion(from)) >= 0
                    && (below.equals("*") || shipped.compareTo(new ComparableVersion(below)) < 0);
        }
    }

    private static List<Weakness> weaknesses() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/known-weaknesses.txt")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#")).map(Weakness::of).toList();
    }

    private static List<JsonNode> shipped() throws IOException {
        List<JsonNode> components = new ArrayList<>();
        new JsonMapper().readTree(Path.of("target/bom.json").toFile()).path("components").forEach(components::add);
        return components;
    }

    private static String artifact(JsonNode component) {
        return component.path("group").asText() + ":" + component.path("name").asText();
    }

    @Test
    void noShippedLibraryHasAWeaknessThatReachesTheBridge() throws IOException {
        // Given
        List<JsonNode> shipped = shipped();

        // When
        List<String> reaching = new ArrayList<>();
        for (Weakness weakness : weaknesses()) {
            shipped.stream().filter(one -> weakness.affects(artifact(one), one.path("version").asText()))
                    .filter(one -> weakness.why().isEmpty())
                    .forEach(one -> reaching.add(weakness.id() + " " + artifact(one) + " " + one.path("version")));
        }

        // Then
        assertThat(shipped).extracting(KnownWeaknessesTest::artifact)
                .contains("io.netty:netty-codec-http", "io.vertx:vertx-core", "org.apache.camel:camel-http")
                .doesNotContain("org.assertj:assertj-core");
        assertThat(reaching).isEmpty();
    }

    @Test
    void whatIsExcusedIsStillShipped() throws IOException {
        // Given
        List<JsonNode> shipped = shipped();

        // When, Then
        assertThat(weaknesses()).filteredOn(weakness -> !weakness.why().isEmpty()).allSatisfy(weakness ->
                assertThat(shipped).anyMatch(one ->
                        weakness.affects(artifact(one), one.path("version").asText())));
    }

    @Test
    void aVersionBelowTheMendIsFoundAndTheMendIsNot() {
        // Given
        Weakness weakness = Weakness.of("CVE-1 | a:b | 4.1.0.Final | 4.1.136.Final | ");

        // When, Then
        assertThat(weakness.affects("a:b", "4.1.130.Final")).isTrue();
        assertThat(weakness.affects("a:b", "4.1.136.Final")).isFalse();
        assertThat(weakness.affects("a:c", "4.1.130.Final")).isFalse();
    }
}
