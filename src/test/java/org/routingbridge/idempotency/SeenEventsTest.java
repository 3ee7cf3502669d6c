package org.routingbridge.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.ClockForTests;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.event.Outcome;
import org.routingbridge.eventbridge.BusUnavailable;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PutResult;
import org.routingbridge.eventbridge.PutResult.Kind;
import org.routingbridge.settings.SettingsForTests;
import org.routingbridge.store.SeenTable;
import org.routingbridge.store.SteadyClock;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoreUnavailable;
import org.routingbridge.store.WriteUnsettled;

class SeenEventsTest {

    private static final String ID = EventsForTests.ID;

    private final CamelContext context = new DefaultCamelContext();
    private final ClockForTests clock = new ClockForTests(EventsForTests.RECEIVED_AT);
    @TempDir
    private Path directory;
    private Store store;
    private SeenEvents seen;

    @BeforeEach
    void open() {
        store = new Store(directory, new SteadyClock(clock, this::nanoTime, "this start of the machine"));
        store.start();
        seen = new SeenEvents(SettingsForTests.with("bridge.idempotency.ttl", "1h", "bridge.idempotency.max.entries",
                "1000"), store, this::nanoTime);
        seen.loaded().join();
    }

    /** Goes as the wall clock does, from another beginning. */
    private long nanoTime() {
        return TimeUnit.MILLISECONDS.toNanos(Duration.between(EventsForTests.RECEIVED_AT, clock.instant()).toMillis());
    }

    @AfterEach
    void close() {
        seen.close();
        store.close();
    }

    private void restart() {
        close();
        open();
        seen.filled().join();
    }

    private Exchange exchange() {
        return new DefaultExchange(context);
    }

    private static CompletableFuture<?> firstOutcome(Exchange exchange) {
        return exchange.getProperty(SeenEvents.FIRST_OUTCOME, CompletableFuture.class);
    }

    private static PublishAttempt attempt(Kind kind) {
        PutResult result = new PutResult(kind, kind == Kind.ACCEPTED ? null : "error", null, Duration.ofMillis(3),
                true);
        return new PublishAttempt(EventsForTests.event(), 1, List.of(result), 0, 0, EventsForTests.RECEIVED_AT);
    }

    @Test
    void theFirstOneGoesOnAndTheSecondDoesNot() {
        // When, Then
        assertThat(seen.add(exchange(), ID)).isTrue();
        assertThat(seen.add(exchange(), ID)).isFalse();
    }

    /** As it does with the repository of a route that it loads anew. */
    @Test
    void idsAreWrittenDownAlsoAfterCamelHasShutTheServiceDown() {
        // Given
        seen.start();
        seen.stop();
        seen.shutdown();
        seen.start();

        // When
        seen.startWindow(ID);

        // Then
        await().until(() -> store.read(SeenTable::count) == 1);
    }

    @Test
    void anIdIsComparedAsReceived() {
        // Given
        seen.add(exchange(), ID);

        // When, Then
        assertThat(seen.add(exchange(), ID.toUpperCase(Locale.ROOT))).isTrue();
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
        CompletableFuture<?> outcome = firstOutcome(duplicate);
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
        assertThat(firstOutcome(duplicate))
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
        Outcome.QUEUED.enter(owner);

        // When
        seen.remove(owner, ID);

        // Then
        assertThat(firstOutcome(waiting)).isCompleted();
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
        assertThat(firstOutcome(waiting)).isCompleted();
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
        assertThat(firstOutcome(waiting)).isNotDone();
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

        // When
        restart();

        // Then
        assertThat(seen.add(exchange(), ID)).isFalse();
        assertThat(seen.add(exchange(), "in flight")).isTrue();
    }

    @Test
    void afterARestartTheLastTimeCounts() {
        // Given
        seen.startWindow(ID);
        clock.pass(Duration.ofMinutes(50));
        seen.startWindow(ID);
        restart();

        // When
        clock.pass(Duration.ofMinutes(59));
        boolean within = seen.contains(ID);
        clock.pass(Duration.ofMinutes(1));

        // Then
        assertThat(within).isTrue();
        assertThat(seen.contains(ID)).isFalse();
    }

    @Test
    void aRestartDoesNotProlongTheTime() {
        // Given
        seen.add(exchange(), ID);
        seen.confirm(ID);
        clock.pass(Duration.ofMinutes(59));
        restart();

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
        close();
        clock.pass(Duration.ofHours(2));

        // When
        open();

        // Then
        assertThat(seen.add(exchange(), ID)).isTrue();
    }

    @Test
    void acceptedAfterAllCountsEvenWhereNoClaimIsLeft() {
        // When
        seen.settle(attempt(Kind.ACCEPTED));

        // Then
        assertThat(seen.add(exchange(), ID)).isFalse();
    }

    @Test
    void whatWasRefusedTheLastTimeIsWelcomeAfterARestart() {
        // Given
        seen.add(exchange(), ID);
        seen.remove(ID);

        // When
        restart();

        // Then
        assertThat(seen.add(exchange(), ID)).isTrue();
    }

    /** As senders' own ids are, and as those are that somebody makes up. */
    @Test
    void idsThatDifferInCaseOrLengthAreDifferentAlsoAfterARestart() {
        // Given
        List<String> ids = List.of(ID, ID.toUpperCase(Locale.ROOT), ID + "0", "", "-", "0");
        ids.forEach(id -> {
            assertThat(seen.add(exchange(), id)).isTrue();
            seen.confirm(id);
        });

        // When
        restart();

        // Then
        assertThat(ids).allSatisfy(id -> assertThat(seen.add(exchange(), id)).isFalse());
        assertThat(seen.add(exchange(), ID + "1")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anIdWhoseWriteIsNotSettledIsFreeOnlyOnceItHasFailed(boolean isWritten) {
        // Given
        CompletableFuture<Void> settlement = new CompletableFuture<>();
        Exchange owner = exchange();
        Exchange waiting = exchange();
        seen.add(owner, ID);
        seen.add(waiting, ID);
        owner.setException(new WriteUnsettled(settlement));

        // When
        seen.remove(owner, ID);
        boolean meanwhile = seen.add(exchange(), ID);
        if (isWritten) {
            settlement.complete(null);
        } else {
            settlement.completeExceptionally(new StoreUnavailable("on purpose"));
        }
        boolean afterwards = seen.add(exchange(), ID);

        // Then
        assertThat(meanwhile).isFalse();
        assertThat(afterwards).isEqualTo(!isWritten);
        assertThat(waiting.getProperty(SeenEvents.FIRST_OUTCOME, CompletableFuture.class).isCompletedExceptionally())
                .isEqualTo(!isWritten);
    }
}
