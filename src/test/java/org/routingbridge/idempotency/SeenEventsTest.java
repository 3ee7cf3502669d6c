package org.routingbridge.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.routingbridge.ClockForTests;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.eventbridge.BusUnavailable;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PutResult;
import org.routingbridge.eventbridge.PutResult.Kind;
import org.routingbridge.settings.SettingsForTests;

class SeenEventsTest {

    private static final String ID = EventsForTests.ID;

    private final CamelContext context = new DefaultCamelContext();
    private final ClockForTests clock = new ClockForTests(EventsForTests.RECEIVED_AT);
    @TempDir
    private Path directory;
    private SeenEvents seen;

    @BeforeEach
    void open() {
        seen = openOn(directory);
    }

    @AfterEach
    void close() {
        seen.shutdown();
    }

    private SeenEvents openOn(Path where) {
        return new SeenEvents(SettingsForTests.with("bridge.idempotency.ttl", "1h", "bridge.idempotency.max.entries",
                "1000"), clock, new SeenJournal(where, Duration.ofHours(1), clock));
    }

    private Exchange exchange() {
        return new DefaultExchange(context);
    }

    private static PublishAttempt attempt(Kind kind) {
        PutResult result = new PutResult(kind, kind == Kind.ACCEPTED ? null : "error", null, Duration.ofMillis(3),
                true);
        return new PublishAttempt(EventsForTests.event(), 1, List.of(result), 0, EventsForTests.RECEIVED_AT);
    }

    @Test
    void theFirstOneGoesOnAndTheSecondDoesNot() {
        // When, Then
        assertThat(seen.add(exchange(), ID)).isTrue();
        assertThat(seen.add(exchange(), ID)).isFalse();
    }

    @Test
    void anIdIsComparedAsReceived() {
        // Given
        seen.add(exchange(), ID);

        // When, Then
        assertThat(seen.add(exchange(), ID.toUpperCase(java.util.Locale.ROOT))).isTrue();
    }

    @Test
    void ofManyAtOnceExactlyOneGoesOn() throws Exception {
        // Given
        int threads = 16;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 500; round++) {
                String id = ID + round;
                CountDownLatch start = new CountDownLatch(1);

                // When
                List<Future<Boolean>> claims = IntStream.range(0, threads).mapToObj(i -> pool.submit(() -> {
                    start.await();
                    return seen.add(exchange(), id);
                })).toList();
                start.countDown();

                // Then
                int first = 0;
                for (Future<Boolean> claim : claims) {
                    first += claim.get(10, TimeUnit.SECONDS) ? 1 : 0;
                }
                assertThat(first).isEqualTo(1);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void whileTheFirstBecomesSafeNoDuplicateSlipsThrough() throws Exception {
        // Given
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 3000; round++) {
                String id = ID + round;
                seen.add(exchange(), id);

                // When
                Future<Boolean> confirmed = pool.submit(() -> seen.confirm(id));
                Future<Boolean> claimed = pool.submit(() -> seen.add(exchange(), id));

                // Then
                assertThat(claimed.get(10, TimeUnit.SECONDS)).isFalse();
                assertThat(confirmed.get(10, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void aDuplicateCarriesTheOutcomeOfTheOneInFlight() {
        // Given
        Exchange duplicate = exchange();
        seen.add(exchange(), ID);
        seen.add(duplicate, ID);
        CompletableFuture<?> outcome = duplicate.getProperty(SeenEvents.FIRST_OUTCOME, CompletableFuture.class);
        assertThat(outcome).isNotDone();

        // When
        seen.confirm(ID);

        // Then
        assertThat(outcome).isCompleted();
    }

    @Test
    void aDuplicateOfASafeOneHasNothingToWaitFor() {
        // Given
        Exchange duplicate = exchange();
        seen.add(exchange(), ID);
        seen.confirm(ID);

        // When
        boolean first = seen.add(duplicate, ID);

        // Then
        assertThat(first).isFalse();
        assertThat(duplicate.getProperty(SeenEvents.FIRST_OUTCOME)).isNull();
    }

    @Test
    void aDuplicateLearnsTheFirstOnesFailure() {
        // Given
        Exchange owner = exchange();
        Exchange duplicate = exchange();
        seen.add(owner, ID);
        seen.add(duplicate, ID);
        BusUnavailable failure = new BusUnavailable(attempt(Kind.UNAVAILABLE));
        owner.setException(failure);

        // When
        seen.remove(owner, ID);

        // Then
        assertThat(duplicate.getProperty(SeenEvents.FIRST_OUTCOME, CompletableFuture.class))
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO).withThrowableThat().havingCause().isSameAs(failure);
        assertThat(seen.add(exchange(), ID)).isTrue();
    }

    @Test
    void aSafeIdIsForgottenWhenItsTimeIsOver() {
        // Given
        seen.add(exchange(), ID);
        seen.confirm(ID);

        // When
        clock.pass(Duration.ofHours(1).minusMillis(1));
        boolean before = seen.add(exchange(), ID);
        clock.pass(Duration.ofMillis(1));
        boolean after = seen.add(exchange(), ID);

        // Then
        assertThat(before).isFalse();
        assertThat(after).isTrue();
    }

    @Test
    void aDuplicateDoesNotProlongTheTime() {
        // Given
        seen.add(exchange(), ID);
        seen.confirm(ID);
        clock.pass(Duration.ofMinutes(59));
        seen.add(exchange(), ID);
        seen.contains(ID);

        // When
        clock.pass(Duration.ofMinutes(1));

        // Then
        assertThat(seen.add(exchange(), ID)).isTrue();
    }

    @Test
    void anIdInFlightIsNotForgottenHoweverLongItTakes() {
        // Given
        seen.add(exchange(), ID);

        // When
        clock.pass(Duration.ofDays(1));

        // Then
        assertThat(seen.add(exchange(), ID)).isFalse();
    }

    @Test
    void idsInFlightAreNeverEvictedBySize() {
        // Given
        List<String> inFlight = IntStream.range(0, 5000).mapToObj(i -> "in-flight-" + i).toList();
        inFlight.forEach(id -> seen.add(exchange(), id));

        // When
        for (int i = 0; i < 20_000; i++) {
            seen.add(exchange(), "safe-" + i);
            seen.confirm("safe-" + i);
        }

        // Then
        assertThat(inFlight).allSatisfy(id -> assertThat(seen.add(exchange(), id)).isFalse());
    }

    @Test
    void aFailureThatWasHandledOnTheWayMeansSeen() {
        // Given
        Exchange owner = exchange();
        Exchange waiting = exchange();
        seen.add(owner, ID);
        seen.add(waiting, ID);
        owner.setProperty(Exchange.EXCEPTION_CAUGHT, new BusUnavailable(attempt(Kind.THROTTLED)));

        // When
        seen.remove(owner, ID);

        // Then
        assertThat(waiting.getProperty(SeenEvents.FIRST_OUTCOME, CompletableFuture.class)).isCompleted();
        assertThat(seen.add(exchange(), ID)).isFalse();
    }

    @Test
    void acceptedAfterAllMeansSeen() {
        // Given
        Exchange waiting = exchange();
        seen.add(exchange(), ID);
        seen.add(waiting, ID);

        // When
        seen.settle(attempt(Kind.ACCEPTED));

        // Then
        assertThat(waiting.getProperty(SeenEvents.FIRST_OUTCOME, CompletableFuture.class)).isCompleted();
        assertThat(seen.add(exchange(), ID)).isFalse();
    }

    @Test
    void aLateFailureLeavesTheOutcomeToTheExchange() {
        // Given
        Exchange waiting = exchange();
        seen.add(exchange(), ID);
        seen.add(waiting, ID);

        // When
        seen.settle(attempt(Kind.UNAVAILABLE));

        // Then
        assertThat(waiting.getProperty(SeenEvents.FIRST_OUTCOME, CompletableFuture.class)).isNotDone();
        assertThat(seen.add(exchange(), ID)).isFalse();
    }

    @Test
    void whatWasNeverClaimedCannotBeConfirmedOrRemoved() {
        // When, Then
        assertThat(seen.confirm(ID)).isFalse();
        assertThat(seen.remove(ID)).isFalse();
        assertThat(seen.contains(ID)).isFalse();
    }

    @Test
    void aFailureDoesNotForgetWhatIsSafe() {
        // Given
        seen.add(exchange(), ID);
        seen.confirm(ID);

        // When
        seen.remove(exchange(), ID);

        // Then
        assertThat(seen.contains(ID)).isTrue();
    }

    @Test
    void whatWasSafeIsSeenAfterARestart() {
        // Given
        seen.add(exchange(), ID);
        seen.confirm(ID);
        seen.add(exchange(), "in flight");
        seen.shutdown();

        // When
        seen = openOn(directory);

        // Then
        assertThat(seen.add(exchange(), ID)).isFalse();
        assertThat(seen.add(exchange(), "in flight")).isTrue();
    }

    @Test
    void aRestartDoesNotProlongTheTime() {
        // Given
        seen.add(exchange(), ID);
        seen.confirm(ID);
        clock.pass(Duration.ofMinutes(59));
        seen.shutdown();
        seen = openOn(directory);

        // When
        boolean before = seen.add(exchange(), ID);
        clock.pass(Duration.ofMinutes(1));
        boolean after = seen.add(exchange(), ID);

        // Then
        assertThat(before).isFalse();
        assertThat(after).isTrue();
    }

    @Test
    void whatExpiredWhileTheBridgeWasDownIsForgotten() {
        // Given
        seen.add(exchange(), ID);
        seen.confirm(ID);
        seen.shutdown();
        clock.pass(Duration.ofHours(2));

        // When
        seen = openOn(directory);

        // Then
        assertThat(seen.add(exchange(), ID)).isTrue();
    }

    @Test
    void aTornLineCostsOnlyItsOwnId() throws Exception {
        // Given
        seen.add(exchange(), ID);
        seen.confirm(ID);
        seen.shutdown();
        try (Stream<Path> files = Files.list(directory)) {
            Files.writeString(files.findFirst().orElseThrow(), "17621", StandardOpenOption.APPEND);
        }

        // When
        seen = openOn(directory);

        // Then
        assertThat(seen.add(exchange(), ID)).isFalse();
    }

    @Test
    void acceptedAfterAllCountsEvenWhereNoClaimIsLeft() {
        // When
        seen.settle(attempt(Kind.ACCEPTED));

        // Then
        assertThat(seen.add(exchange(), ID)).isFalse();
    }
}
