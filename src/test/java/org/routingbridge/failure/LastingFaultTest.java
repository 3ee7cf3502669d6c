package org.routingbridge.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import org.junit.jupiter.api.Test;

class LastingFaultTest {

    private long nanos = Long.MAX_VALUE - 5;
    private final LastingFault fault = new LastingFault(() -> nanos);

    @Test
    void itIsToldAtOnceAndThenOnceAMinute() {
        // When, Then
        assertThat(fault.isToBeTold()).isTrue();
        nanos += Duration.ofSeconds(59).toNanos();
        assertThat(fault.isToBeTold()).isFalse();
        nanos += Duration.ofSeconds(1).toNanos();
        assertThat(fault.isToBeTold()).isTrue();
    }

    @Test
    void comingAndGoingItIsToldNoMoreOften() {
        // Given
        fault.isToBeTold();

        // When, Then
        assertThat(fault.isEndToBeTold()).isTrue();
        assertThat(fault.isToBeTold()).isFalse();
        assertThat(fault.isEndToBeTold()).isFalse();
    }

    @Test
    void whatNeverWasHasNoEnd() {
        // When, Then
        assertThat(fault.isEndToBeTold()).isFalse();
    }
}
