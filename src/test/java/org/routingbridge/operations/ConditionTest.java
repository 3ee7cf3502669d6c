package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.routingbridge.operations.Condition.Told;

class ConditionTest {

    private long nanos = Long.MAX_VALUE - 5;
    private final Condition condition = new Condition(() -> nanos);

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Test
    void itsBeginningAndItsEndAreToldOnceEach() {
        // When, Then
        assertThat(condition.look(false)).isEqualTo(Told.NOTHING);
        assertThat(condition.look(true)).isEqualTo(Told.BEGINNING);
        for (int i = 0; i < 300; i++) {
            pass(Duration.ofSeconds(1));
            assertThat(condition.look(true)).isEqualTo(Told.NOTHING);
        }
        assertThat(condition.look(false)).isEqualTo(Told.END);
        assertThat(condition.lasted()).isEqualTo(Duration.ofMinutes(5));
        assertThat(condition.look(false)).isEqualTo(Told.NOTHING);
    }

    @Test
    void oneThatComesAndGoesIsToldOnceAMinute() {
        // Given
        int told = 0;

        // When
        for (int i = 0; i < 600; i++) {
            told += condition.look(i % 2 == 0) == Told.NOTHING ? 0 : 1;
            pass(Duration.ofSeconds(1));
        }

        // Then
        assertThat(told).isEqualTo(20);
    }

    @Test
    void oneThatCameBackWithinAMinuteAndStaysIsToldAfterAll() {
        // Given
        condition.look(true);
        condition.look(false);
        pass(Duration.ofSeconds(30));

        // When, Then
        assertThat(condition.look(true)).isEqualTo(Told.NOTHING);
        pass(Duration.ofSeconds(30));
        assertThat(condition.look(true)).isEqualTo(Told.BEGINNING);
        pass(Duration.ofSeconds(30));
        assertThat(condition.look(false)).isEqualTo(Told.END);
        assertThat(condition.lasted()).isEqualTo(Duration.ofMinutes(1));
    }
}
