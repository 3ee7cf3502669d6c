package org.routingbridge.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.LoggedLines;
import org.routingbridge.metrics.BridgeMetrics;

class DeadLetterReasonsTest {

    private long nanos = Long.MAX_VALUE - 5;
    private final BridgeMetrics metrics = new BridgeMetrics();
    private final LoggedLines lines = new LoggedLines();
    private final DeadLetterReasons reasons = new DeadLetterReasons(metrics, () -> nanos);

    @AfterEach
    void close() {
        lines.close();
        metrics.close();
    }

    @Test
    void theFirstOfEachCodeInAnHourIsToldAndEachIsCounted() {
        // When
        for (int i = 0; i < 100; i++) {
            reasons.entered("an-id", "MalformedDetail: the detail number " + i);
            reasons.entered("another-id", "InternalFailure: it failed");
            nanos += Duration.ofMinutes(1).toNanos();
        }

        // Then
        assertThat(lines.all()).hasSize(4);
        assertThat(metrics.scrape("text/plain")).contains(
                "bridge_dead_lettered_total{reason=\"MalformedDetail\"} 100.0",
                "bridge_dead_lettered_total{reason=\"InternalFailure\"} 100.0");
    }

    @Test
    void codesWithoutEndMakeNoLinesWithoutEnd() {
        // When
        for (int i = 0; i < 1_000; i++) {
            reasons.entered("an-id", "Code" + i + ": whatever");
        }

        // Then
        assertThat(lines.all()).hasSize(51);
    }

    @Test
    void whatEventBridgeSaysIsNeverMoreThanOneLine() {
        // When
        reasons.entered("an-id\n", "Evil\r\n2026-01-01 ERROR forged: \u001b[2J\u202e");

        // Then
        assertThat(lines.all()).singleElement().asString().doesNotContainPattern("[\\p{Cntrl}\\p{Cf}]")
                .endsWith(" id=an-id reason=Evil 2026-01-01 ERROR forged: [2J");
    }
}
