package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.OwnThread;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** The books balance in any answer, whatever goes on (contract, section 8). */
class AccountingTest {

    private static final List<String> OUTCOMES = List.of("processed", "queued", "dead_lettered", "duplicate_skipped",
            "rejected", "overloaded", "in_flight");
    private static final Duration DRAINED = Duration.ofSeconds(60);

    private final BridgeUnderTest bridge = new BridgeUnderTest();

    @AfterEach
    void close() {
        bridge.close();
    }

    private static void assertBalanced(JsonNode books) {
        long outcomes = OUTCOMES.stream().mapToLong(outcome -> books.path(outcome).asLong()).sum();
        assertThat(books.path("received").asLong()).as(books.toString()).isEqualTo(outcomes);
        JsonNode outbox = books.path("outbox");
        assertThat(outbox.path("entered").asLong()).as(books.toString()).isEqualTo(outbox.path("published").asLong()
                + outbox.path("dead_lettered").asLong() + outbox.path("pending").asLong());
        assertThat(books.path("balanced").asBoolean()).as(books.toString()).isTrue();
    }

    @Test
    void eachOutcomeIsInItsPlace() {
        // Given
        bridge.start();
        SampleEvent processed = bridge.newEvent();
        SampleEvent refused = bridge.newEvent();
        SampleEvent queued = bridge.newEvent();
        bridge.bus().faults().forEventId(refused.id(), 1, Fault.REFUSE_ENTRY)
                .forEventId(queued.id(), 2, Fault.THROTTLE_ENTRY);

        // When
        bridge.post(processed);
        bridge.post(processed);
        bridge.post(refused);
        bridge.post(queued);
        bridge.post("{");
        bridge.post(bridge.newEvent().without("/eventType"));
        bridge.send(bridge.bareRequest(BridgeUnderTest.PATH));

        // Then
        await().atMost(DRAINED).until(() -> bridge.pending() == 0);
        JsonNode books = bridge.accounting();
        assertBalanced(books);
        assertThat(OUTCOMES).extracting(outcome -> books.path(outcome).asInt()).containsExactly(1, 1, 1, 1, 2, 0, 0);
        assertThat(books.path("received").asInt()).isEqualTo(6);
        assertThat(books.at("/outbox/entered").asInt()).isEqualTo(1);
        assertThat(books.at("/outbox/published").asInt()).isEqualTo(1);
    }

    @Test
    void theyBalanceAtEveryMomentUnderLoadAndTrouble() {
        // Given
        bridge.with("bridge.outbox.max.bytes", 150_000).with("bridge.delivery.reply.budget", "300ms").start();
        bridge.bus().faults().random(4, Map.of(Fault.THROTTLE_ENTRY, 0.2, Fault.REFUSE_ENTRY, 0.05,
                Fault.RESET_AFTER, 0.05, Fault.SERVER_ERROR, 0.1));
        AtomicBoolean going = new AtomicBoolean(true);
        List<CompletableFuture<Void>> senders = new ArrayList<>();
        for (int sender = 0; sender < 12; sender++) {
            int seed = sender;
            senders.add(OwnThread.run(() -> send(new Random(seed), going)));
        }

        // When
        List<JsonNode> answers = new ArrayList<>();
        Instant end = Instant.now().plusSeconds(6);
        boolean away = false;
        while (Instant.now().isBefore(end)) {
            answers.add(bridge.accounting());
            if (!away && Instant.now().isAfter(end.minusSeconds(4))) {
                bridge.bus().goAway();
                away = true;
            }
        }
        going.set(false);
        senders.forEach(CompletableFuture::join);
        bridge.bus().comeBack();
        bridge.bus().faults().none();

        // Then
        assertThat(answers).hasSizeGreaterThan(20).allSatisfy(AccountingTest::assertBalanced);
        await().atMost(DRAINED).until(() -> bridge.pending() == 0);
        JsonNode books = bridge.accounting();
        assertBalanced(books);
        assertThat(books.path("in_flight").asInt()).isZero();
        assertThat(OUTCOMES.subList(0, 6)).allSatisfy(outcome -> assertThat(books.path(outcome).asInt()).isPositive());
    }

    private void send(Random dice, AtomicBoolean going) {
        while (going.get()) {
            SampleEvent event = bridge.newEvent();
            switch (dice.nextInt(8)) {
                case 0 -> bridge.post(event.without("/eventType"));
                case 1 -> {
                    bridge.post(event);
                    bridge.post(event);
                }
                default -> bridge.post(event);
            }
        }
    }

    @Test
    void theOutboxBooksGoOnOverRestarts() {
        // Given
        bridge.with("bridge.delivery.mode", "queued").start();
        for (int i = 0; i < 5; i++) {
            bridge.post(bridge.newEvent());
        }
        await().atMost(DRAINED).until(() -> bridge.pending() == 0);
        SampleEvent refused = bridge.newEvent();
        bridge.bus().faults().forEventId(refused.id(), 1, Fault.REFUSE_ENTRY);
        bridge.post(refused);
        await().atMost(DRAINED).until(() -> bridge.pending() == 0);
        bridge.bus().goAway();
        for (int i = 0; i < 7; i++) {
            bridge.post(bridge.newEvent());
        }

        // When
        bridge.restart();
        JsonNode after = bridge.accounting();
        bridge.bus().comeBack();
        await().atMost(DRAINED).until(() -> bridge.pending() == 0);
        bridge.restart();
        JsonNode last = bridge.accounting();

        // Then
        assertBalanced(after);
        assertThat(after.path("received").asInt()).isZero();
        assertThat(after.at("/outbox")).hasToString(
                "{\"entered\":13,\"published\":5,\"dead_lettered\":1,\"pending\":7}");
        assertThat(last.at("/outbox")).hasToString(
                "{\"entered\":13,\"published\":12,\"dead_lettered\":1,\"pending\":0}");
    }
}
