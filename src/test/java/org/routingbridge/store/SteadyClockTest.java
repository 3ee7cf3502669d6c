package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.routingbridge.ClockForTests;
import org.routingbridge.LoggedLines;

class SteadyClockTest {

    private static final Instant BEGUN = Instant.parse("2026-03-29T00:59:00Z");

    private final ClockForTests wall = new ClockForTests(BEGUN);
    private long nanos = -5_000_000_000L;

    private SteadyClock clock(String bootId) {
        return new SteadyClock(wall, () -> nanos, bootId);
    }

    private void pass(Duration monotonic, Duration byTheWall) {
        nanos += monotonic.toNanos();
        wall.pass(byTheWall);
    }

    @Test
    void itBeginsAtTheWallClocksTime() {
        // When, Then
        assertThat(clock("boot").millis()).isEqualTo(BEGUN.toEpochMilli());
    }

    @ParameterizedTest
    @CsvSource({"PT1M, PT1M", "PT1M, PT1H", "PT1M, PT-1H", "PT5S, PT25H", "PT0S, PT1H"})
    void itPassesAsFastAsTimeDoesWhateverIsDoneToTheWallClock(Duration passed, Duration byTheWall) {
        // Given
        SteadyClock clock = clock("boot");

        // When
        pass(passed, byTheWall);

        // Then
        assertThat(clock.millis()).isEqualTo(BEGUN.plus(passed).toEpochMilli());
    }

    @Test
    void itFollowsAnotherClockAndSaysNothingOfThatAsIfTheMachinesWereSet() {
        // Given
        SteadyClock clock = clock("boot");
        clock.setBy();

        // When
        clock.follow(BEGUN.plusSeconds(100).toEpochMilli());
        pass(Duration.ofSeconds(3), Duration.ofSeconds(3));

        // Then
        assertThat(clock.millis()).isEqualTo(BEGUN.plusSeconds(103).toEpochMilli());
        assertThat(clock.setBy()).isZero();
    }

    @Test
    void itTellsOnceByHowMuchTheWallClockWasSet() {
        // Given
        SteadyClock clock = clock("boot");
        pass(Duration.ofMinutes(1), Duration.ofMinutes(1));
        assertThat(clock.setBy()).isZero();

        // When
        pass(Duration.ofSeconds(1), Duration.ofHours(-1).plusSeconds(1));

        // Then
        assertThat(clock.setBy()).isEqualTo(-Duration.ofHours(1).toMillis());
        assertThat(clock.setBy()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        // both clocks agree
        "PT10M, PT10M, boot, PT10M",
        // the wall clock was set while the bridge was down
        "PT10M, PT25H, boot, PT10M",
        "PT10M, PT-1H, boot, PT0S",
        // the machine was started anew, so that its own clock says nothing
        "PT2S,  PT10M, other, PT10M",
        "PT2S,  PT-1H, other, PT0S",
        // nobody can tell
        "PT2S,  PT10M, '', PT10M"})
    void overARestartItGoesOnByTheSmallerOfBoth(Duration monotonic, Duration byTheWall, String bootId,
                                                Duration expected) {
        // Given
        SteadyClock before = clock("boot");
        pass(Duration.ofHours(1), Duration.ofHours(1));
        SteadyClock.Mark last = before.mark();

        // When
        pass(monotonic, byTheWall);
        SteadyClock after = clock(bootId);
        after.resume(last);

        // Then
        assertThat(after.millis()).isEqualTo(last.steadyMillis() + expected.toMillis());
    }

    @ParameterizedTest
    @CsvSource({
        "PT1H, PT-2H, boot, PT-3H",
        "PT1H, PT26H, boot, PT25H",
        "PT1H, PT1H, boot, PT0S",
        // the machine's own clock says nothing, and nobody can tell a long rest from a clock set forward
        "PT1H, PT-2H, other, PT-2H",
        "PT1H, PT26H, other, PT0S"})
    void itTellsOfTheTimeBetweenTwoProcessesToo(Duration monotonic, Duration byTheWall, String bootId,
                                                    Duration expected) {
        // Given
        SteadyClock.Mark last = clock("boot").mark();
        pass(monotonic, byTheWall);
        SteadyClock after = clock(bootId);

        // When
        after.resume(last);

        // Then
        assertThat(after.setBy()).isEqualTo(expected.toMillis());
        assertThat(after.setBy()).isZero();
    }

    @Test
    void theStoreLogsAJumpOnce(@TempDir Path directory) {
        // Given
        try (LoggedLines log = new LoggedLines(); Store store = new Store(directory, clock("boot"))) {
            store.start();

            // When
            wall.pass(Duration.ofHours(25));
            await().until(() -> log.all().stream().anyMatch(line -> line.contains("set forward")));
            wall.pass(Duration.ofHours(-25));
            await().until(() -> log.all().stream().anyMatch(line -> line.contains("set back")));

            // Then
            assertThat(log.all()).filteredOn(line -> line.contains("clock was set")).hasSize(2).allSatisfy(line ->
                    assertThat(line).contains("by 90000 s"));
        }
    }
}
