package org.routingbridge.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.cluster.BridgesForTests.Bridge;
import org.routingbridge.cluster.Claims.Answer;
import org.routingbridge.cluster.Claims.Found;
import org.routingbridge.store.PostgresForTests;

/** Ids that bridges on one database accept once among them (contract, section 10). */
class SharedClaimsTest {

    private static final int MANY = 100;

    private BridgesForTests bridges;
    private Bridge one;
    private Bridge other;

    @BeforeEach
    void startTwo() {
        bridges = new BridgesForTests(PostgresForTests.url());
        one = bridges.start();
        other = bridges.start();
    }

    @AfterEach
    void end() {
        bridges.close();
    }

    @Test
    void anIdIsAcceptedOnceByWhoeverComesFirst() {
        for (int i = 0; i < MANY; i++) {
            // Given
            UUID id = UUID.randomUUID();
            assertThat(one.finds(id)).isEqualTo(Found.OURS);
            one.accepts(id);

            // Then
            assertThat(other.finds(id)).isEqualTo(Found.ACCEPTED);
            assertThat(one.finds(id)).isEqualTo(Found.ACCEPTED);
        }
    }

    @Test
    void ofThoseWhoAskAtOnceOneGoesOnAndTheOtherLearnsWhatBecameOfIt() {
        List<CompletableFuture<Found>> found = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            UUID id = UUID.randomUUID();
            // When
            Stream.of(one, other).forEach(bridge -> found.add(bridge.asks(id).thenApply(answer -> {
                if (answer.found() == Found.OURS) {
                    bridge.claims().accept(id, BridgesForTests.KEY, null);
                }
                return answer.found();
            })));
        }

        // Then
        List<Found> answers = found.stream().map(CompletableFuture::join).toList();
        assertThat(answers).filteredOn(Found.OURS::equals).hasSize(MANY);
        assertThat(answers).filteredOn(Found.ACCEPTED::equals).hasSize(MANY);
    }

    @Test
    void whatIsInFlightElsewhereForLongerThanOneCanWaitIsSaidToBe() {
        UUID id = UUID.randomUUID();
        assertThat(one.finds(id)).isEqualTo(Found.OURS);
        assertThat(other.claims().claim(id, "key", System.nanoTime() + Duration.ofMillis(200).toNanos()).join().found())
                .isEqualTo(Found.IN_FLIGHT);
        await().until(() -> !other.claims().isBegun(id));
        one.accepts(id);
        assertThat(other.finds(id)).isEqualTo(Found.ACCEPTED);
    }

    @Test
    void whatABridgeFailedWithIsTheNextOnesWhichPassesTheOrderCheckThatWasPassed() {
        // Given
        UUID passed = UUID.randomUUID();
        UUID notPassed = UUID.randomUUID();
        one.finds(passed);
        one.finds(notPassed);
        CompletableFuture<Answer> waiting = other.asks(passed);

        // When
        one.claims().release(passed, true);
        one.claims().release(notPassed, false);

        // Then
        assertThat(waiting.join()).satisfies(answer -> {
            assertThat(answer.found()).isEqualTo(Found.OURS);
            assertThat(answer.passedBefore()).isTrue();
        });
        Answer second = other.asks(notPassed).join();
        assertThat(second.found()).isEqualTo(Found.OURS);
        assertThat(second.passedBefore()).isFalse();
    }

    @Test
    void whatADeadBridgeHadInFlightIsTakenOver() {
        // Given
        UUID id = UUID.randomUUID();
        one.finds(id);
        CompletableFuture<Answer> waiting = other.asks(id);

        // When
        bridges.kill(one);

        // Then
        assertThat(waiting.join().found()).isEqualTo(Found.OURS);
        assertThat(waiting.join().passedBefore()).isTrue();
    }

    @Test
    void whatIsTakenOverWhenNobodyWaitsForItAnyMoreIsReleased() throws SQLException {
        // Given
        UUID id = UUID.randomUUID();
        one.finds(id);
        Bridge third = bridges.start();
        one.members().close();
        bridges.execute("update member set gone = false, seen_at = clock_timestamp() - interval '5 s'"
                + " where instance = '" + one.members().instance() + "'");
        CompletableFuture<Answer> waiting = other.claims().claim(id, BridgesForTests.KEY,
                System.nanoTime() + Duration.ofMillis(1500).toNanos());
        await().pollDelay(Duration.ofMillis(300)).until(() -> !waiting.isDone());
        try (Connection connection = bridges.connect(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);

            // When it is seen to be free, and cannot be taken before the waiting is over
            statement.execute("lock table claim in share mode");

            // Then
            assertThat(waiting.join().found()).isEqualTo(Found.IN_FLIGHT);
            connection.rollback();
        }
        await().pollDelay(Duration.ofMillis(200)).until(() -> third.finds(id) == Found.OURS);
        assertThat(other.claims().isBegun(id)).isFalse();
    }

    @Test
    void aReleaseThatComesLateDoesNotTakeAwayTheNextClaim() {
        UUID id = UUID.randomUUID();
        for (int i = 0; i < MANY; i++) {
            assertThat(one.finds(id)).isEqualTo(Found.OURS);
            one.claims().release(id, true);
        }
        assertThat(one.finds(id)).isEqualTo(Found.OURS);
        one.claims().forget(UUID.randomUUID());
        assertThat(other.claims().claim(id, "key", System.nanoTime() + Duration.ofMillis(200).toNanos()).join().found())
                .isEqualTo(Found.IN_FLIGHT);
    }

    @Test
    void watermarksOfAKeyAreShared() {
        for (int i = 1; i <= MANY / 2; i++) {
            String key = "key-" + i;
            UUID id = UUID.randomUUID();
            one.asks(id, key).join();
            one.claims().accept(id, key, 1000L + i).join();
            one.claims().accept(UUID.randomUUID(), key, 1000L).join();
            assertThat(other.asks(UUID.randomUUID(), key).join().newestMillis()).isEqualTo(1000L + i);
        }
    }

    @Test
    void anAnswerTellsWhetherTheKeyWaitsInTheOutbox() {
        bridges.execute("insert into outbox values (1, 'waiting')");
        assertThat(one.asks(UUID.randomUUID(), "waiting").join().isKeyWaiting()).isTrue();
        assertThat(one.asks(UUID.randomUUID(), "idle").join().isKeyWaiting()).isFalse();
    }

    @Test
    void idsAreForgottenAfterTheirTime() {
        Bridge hasty = bridges.start(Duration.ofMillis(300));
        UUID id = UUID.randomUUID();
        hasty.finds(id);
        hasty.accepts(id);
        assertThat(hasty.finds(id)).isEqualTo(Found.ACCEPTED);
        await().atMost(Duration.ofSeconds(5)).until(() -> hasty.finds(id) == Found.OURS);
    }

    @Test
    void whatWasLostIsWelcomeAgain() {
        UUID id = UUID.randomUUID();
        one.finds(id);
        one.accepts(id);
        one.claims().forget(id);
        await().until(() -> other.finds(id) == Found.OURS);
    }

    @Test
    void whateverFailsEachIdIsAcceptedOnceOfThreeThatWantIt() {
        // Given
        Random random = new Random(7);
        Bridge third = bridges.start();
        Map<UUID, AtomicInteger> accepted = new ConcurrentHashMap<>();

        // When
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            UUID id = UUID.randomUUID();
            accepted.put(id, new AtomicInteger());
            Stream.of(one, other, third).forEach(bridge -> ends.add(tryUntilAccepted(bridge, id, random, accepted)));
        }
        ends.forEach(CompletableFuture::join);

        // Then
        assertThat(accepted.values()).allSatisfy(times -> assertThat(times).hasValue(1));
        assertThat(bridges.number("select count(*) from claim where state = 1")).isEqualTo(2000);
    }

    /** Every third time that it is ours it fails. */
    private static CompletableFuture<Void> tryUntilAccepted(Bridge bridge, UUID id, Random random,
                                                            Map<UUID, AtomicInteger> accepted) {
        return bridge.asks(id, "key-" + (id.hashCode() & 15)).thenComposeAsync(answer -> {
            if (answer.found() == Found.ACCEPTED) {
                return CompletableFuture.completedFuture(null);
            }
            if (answer.found() == Found.OURS && random.nextInt(3) > 0) {
                accepted.get(id).incrementAndGet();
                return bridge.claims().accept(id, "key-" + (id.hashCode() & 15), (long) random.nextInt());
            }
            if (answer.found() == Found.OURS) {
                bridge.claims().release(id, random.nextBoolean());
            }
            return tryUntilAccepted(bridge, id, random, accepted);
        }, bridge.claims().afterwards());
    }

    @Test
    void manyAtOnceShareRoundTrips() {
        List<CompletableFuture<Void>> done = IntStream.range(0, 20_000).mapToObj(i -> {
            Bridge bridge = i % 2 == 0 ? one : other;
            UUID id = UUID.randomUUID();
            String key = "key-" + i % 50;
            long time = i;
            return bridge.claims().claim(id, key, System.nanoTime() + Duration.ofSeconds(2).toNanos())
                    .thenCompose(answer -> bridge.claims().accept(id, key, time));
        }).toList();
        done.forEach(CompletableFuture::join);
        await().until(() -> bridges.number("select count(*) from claim where state = 1") == 20_000);
        assertThat(bridges.number("select count(*) from watermark")).isEqualTo(50);
        assertThat(bridges.number("select min(newest) from watermark")).isEqualTo(19_950);
    }
}
