package org.routingbridge.supply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;

/** The bill of materials names every jar that is shipped, so that none escapes the list of known weaknesses. */
class BillOfMaterialsIT {

    @Test
    void everyShippedJarIsOnTheBill() throws IOException {
        // Given
        List<String> onTheBill = new ArrayList<>();
        new JsonMapper().readTree(Path.of("target/bom.json").toFile()).path("components").forEach(component ->
                onTheBill.add(component.path("name").asText() + "-" + component.path("version").asText()));

        // When
        List<String> shipped;
        try (Stream<Path> jars = Files.list(Path.of("target/lib"))) {
            shipped = jars.map(jar -> jar.getFileName().toString()).filter(name -> name.endsWith(".jar")).toList();
        }

        // Then
        assertThat(shipped).anyMatch(jar -> jar.startsWith("sqlite-jdbc-")).allSatisfy(jar ->
                assertThat(onTheBill).anyMatch(name -> jar.equals(name + ".jar") || jar.startsWith(name + "-")));
    }
}
