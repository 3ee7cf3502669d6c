package org.routingbridge.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Half an hour at 300 events a second with faults that come and go: {@code mvn verify -Psoak}, whose
 * {@code -Dsoak.minutes}, {@code -Dsoak.rate} and {@code -Dsoak.seed} can be given. Figures and curves are left in
 * {@code target/soak}.
 */
@EnabledIfSystemProperty(named = "soak.minutes", matches = "[1-9][0-9]*")
class SoakIT {

    private static final Path DIRECTORY = Path.of("target", "soak");

    @Test
    void faultsThatComeAndGoAreAnswered2xxAndLeaveNothingBehind() throws Exception {
        // Given
        long seed = Long.getLong("soak.seed", System.nanoTime());
        Files.createDirectories(DIRECTORY);
        try (SoakRun run = new SoakRun(Duration.ofMinutes(Integer.getInteger("soak.minutes")),
                Integer.getInteger("soak.rate", 300), seed)) {

            // When
            SoakReport report = run.run();

            // Then
            System.out.println(report);
            Files.writeString(DIRECTORY.resolve("report.txt"), report + System.lineSeparator());
            Curves.draw(report, DIRECTORY.resolve("curves.png"));
            assertThat(report.problems()).as("seed %d", seed).isEmpty();
        }
    }
}
