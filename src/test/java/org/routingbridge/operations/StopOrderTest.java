package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

/** The process's own part is in the integration test of the process. */
class StopOrderTest {

    private final AtomicInteger stops = new AtomicInteger();

    @Test
    void withoutADelayTheStopBeginsAtOnce() {
        // Given
        StopOrder order = new StopOrder(Duration.ZERO);

        // When
        order.give(stops::incrementAndGet);

        // Then
        assertThat(stops).hasValue(1);
        assertThat(order.isGiven()).isTrue();
    }

    @Test
    void theStopBeginsOnceTheDelayHasPassed() {
        // Given
        StopOrder order = new StopOrder(Duration.ofMillis(50));
        assertThat(order.isGiven()).isFalse();

        // When
        order.give(stops::incrementAndGet);

        // Then
        assertThat(order.isGiven()).isTrue();
        await().until(() -> stops.get() == 1);
    }

    @Test
    void whoeverIsToldTwiceWaitsNoLonger() {
        // Given
        StopOrder order = new StopOrder(Duration.ofHours(1));
        order.give(stops::incrementAndGet);
        assertThat(stops).hasValue(0);

        // When
        order.give(stops::incrementAndGet);

        // Then
        assertThat(stops).hasValue(1);
    }
}
