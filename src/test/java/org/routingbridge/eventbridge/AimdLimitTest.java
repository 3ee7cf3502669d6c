package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AimdLimitTest {

    /** {@link System#nanoTime()} may be anything, negative too. */
    private long now = Long.MAX_VALUE - Duration.ofSeconds(2).toNanos();
    private final AimdLimit inFlight = new AimdLimit(32, () -> now);

    private void pass(Duration time) {
        now += time.toNanos();
    }

    /** A call that begins now is throttled right away. */
    private void throttle() {
        inFlight.throttled(now, 1);
    }

    @Test
    void atFirstAllSendersMaySend() {
        // When, Then
        assertThat(inFlight.limit()).isEqualTo(32);
    }

    @Test
    void throttlingHalves() {
        // When
        throttle();

        // Then
        assertThat(inFlight.limit()).isEqualTo(16);
    }

    @Test
    void aThrottledEntryAmongTenLowersTheLimitByATwentieth() {
        // When
        inFlight.throttled(now, 0.1);

        // Then
        assertThat(inFlight.limit()).isEqualTo(30);
    }

    @Test
    void callsThatWereInFlightTogetherCountOnce() {
        // Given
        long began = now;
        pass(Duration.ofMillis(20));
        inFlight.throttled(began, 1);
        pass(Duration.ofMillis(1));

        // When
        inFlight.throttled(began, 1);
        inFlight.throttled(began + 1, 1);

        // Then
        assertThat(inFlight.limit()).isEqualTo(16);
    }

    @Test
    void aCallThatBeganAfterTheHalvingHalvesAgain() {
        // Given
        throttle();
        pass(Duration.ofMillis(1));

        // When
        throttle();

        // Then
        assertThat(inFlight.limit()).isEqualTo(8);
    }

    @Test
    void oneSenderIsLeftWhateverComes() {
        // When
        for (int i = 0; i < 20; i++) {
            pass(Duration.ofMillis(1));
            throttle();
        }

        // Then
        assertThat(inFlight.limit()).isEqualTo(1);
    }

    @Test
    void eachSecondWithoutThrottlingAddsOne() {
        // Given
        throttle();

        // When, Then
        pass(Duration.ofMillis(999));
        assertThat(inFlight.limit()).isEqualTo(16);
        pass(Duration.ofMillis(1));
        assertThat(inFlight.limit()).isEqualTo(17);
        pass(Duration.ofSeconds(2));
        assertThat(inFlight.limit()).isEqualTo(19);
    }

    @Test
    void askingOftenDoesNotSlowTheGrowth() {
        // Given
        throttle();

        // When
        for (int i = 0; i < 30; i++) {
            pass(Duration.ofMillis(100));
            inFlight.limit();
        }

        // Then
        assertThat(inFlight.limit()).isEqualTo(19);
    }

    @Test
    void throttlingStartsTheSecondAnew() {
        // Given
        throttle();
        long began = now;
        pass(Duration.ofMillis(900));

        // When
        inFlight.throttled(began - 1, 1);
        pass(Duration.ofMillis(900));

        // Then
        assertThat(inFlight.limit()).isEqualTo(16);
    }

    @Test
    void itNeverGrowsBeyondTheSetting() {
        // Given
        throttle();

        // When
        pass(Duration.ofDays(1));

        // Then
        assertThat(inFlight.limit()).isEqualTo(32);
    }

    @Test
    void aQuietDayDoesNotSaveUpGrowth() {
        // Given
        pass(Duration.ofDays(1));
        throttle();

        // When, Then
        assertThat(inFlight.limit()).isEqualTo(16);
    }

    @Property(tries = 1_000)
    void theLimitIsAlwaysBetweenOneAndTheSetting(
            @ForAll @Size(max = 100) List<@IntRange(max = 3000) Integer> gaps) {
        for (int gap : gaps) {
            // When
            pass(Duration.ofMillis(gap));
            if (gap % 2 == 0) {
                throttle();
            }

            // Then
            assertThat(inFlight.limit()).isBetween(1, 32);
        }
    }
}
