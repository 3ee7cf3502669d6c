package org.routingbridge.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryDirectiveTest {

    private static final RandomGenerator MIDDLE = fixed(0.5);

    private static RandomGenerator fixed(double value) {
        // of the 64 bits that a generator gives, a double takes the 53 highest
        return () -> (long) (value * 0x1.0p53) << Long.SIZE - 53;
    }

    @ParameterizedTest
    @CsvSource({"1, 500", "2, 1000", "3, 1500", "9, 4500"})
    void thePauseGrowsByOneBackoffEachTime(int attempts, long millis) {
        // Given
        RetryDirective directive = new RetryDirective(10, Duration.ofMillis(500));

        // When, Then
        assertThat(directive.pauseAfter(attempts, MIDDLE)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void chanceTakesAFifthAwayAtMost() {
        // When, Then
        assertThat(new RetryDirective(3, Duration.ofSeconds(1)).pauseAfter(1, fixed(0)))
                .isEqualTo(Duration.ofMillis(800));
    }

    @Test
    void chanceAddsAFifthAtMost() {
        // When, Then
        assertThat(new RetryDirective(3, Duration.ofSeconds(1)).pauseAfter(1, fixed(Math.nextDown(1.0))))
                .isEqualTo(Duration.ofMillis(1200));
    }

    @Test
    void aPauseIsAMinuteAtMostWhateverChanceAdds() {
        // Given
        RetryDirective directive = new RetryDirective(10, Duration.ofSeconds(59));

        // When, Then
        assertThat(directive.pauseAfter(1, fixed(Math.nextDown(1.0)))).isEqualTo(Duration.ofMinutes(1));
        assertThat(directive.pauseAfter(9, MIDDLE)).isEqualTo(Duration.ofMinutes(1));
    }

    @Property(tries = 1_000)
    void everyPauseIsWithinAFifthOfItsMultiple(@ForAll @IntRange(min = 1, max = 10) int attempts,
            @ForAll @IntRange(min = 100, max = 60_000) int backoff, @ForAll long seed) {
        // When
        long pause = new RetryDirective(10, Duration.ofMillis(backoff))
                .pauseAfter(attempts, new SplittableRandom(seed)).toMillis();

        // Then
        long middle = (long) attempts * backoff;
        assertThat(pause).isBetween(Math.min(60_000, middle * 8 / 10), Math.min(60_000, middle * 12 / 10 + 1));
    }

    @Test
    void pausesDiffer() {
        // Given
        RetryDirective directive = new RetryDirective(3, Duration.ofSeconds(1));
        RandomGenerator random = new SplittableRandom(1);

        // When, Then
        assertThat(Stream.generate(() -> directive.pauseAfter(1, random)).limit(100).distinct().count())
                .isGreaterThan(50);
    }
}
