package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** This machine's clock against the {@code Date} of AWS's answer. */
class BusProbeTest {

    @ParameterizedTest
    @CsvSource({
        "2026-01-05T09:30:00.900Z, PT0S",
        "2026-01-05T09:29:59.900Z, PT0S",
        "2026-01-05T09:30:16.000Z, PT15S",
        "2026-01-05T09:29:40.000Z, PT-19.8S"})
    void itsDateLeavesOutWhatIsLessThanASecond(Instant before, Duration ahead) {
        // When: the exchange takes 200 ms
        var found = BusProbe.clockAhead("Mon, 05 Jan 2026 09:30:00 GMT", before, before.plusMillis(200));

        // Then
        assertThat(found).contains(ahead);
    }

    @Test
    void aDateThatIsNoneTellsNothing() {
        assertThat(BusProbe.clockAhead("yesterday", Instant.EPOCH, Instant.EPOCH)).isEmpty();
    }
}
