package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.OwnThread;
import org.routingbridge.store.PostgresForTests;

/** What waits in the store of two bridges is published by either, once and in order within its key. */
class OutboxOfTwoBridgesTest {

    private static final Duration DRAINED = Duration.ofSeconds(30);
    private static final int KEYS = 12;
    private static final int EVENTS = 20;

    private BridgeUnderTest one;
    private BridgeUnderTest other;

    @BeforeEach
    void startTwo() {
        one = new BridgeUnderTest().with("bridge.store.url", PostgresForTests.url())
                .with("bridge.delivery.mode", "queued").with("bridge.ordering.tolerance", "1s");
        other = one.another();
        one.start();
        other.start();
    }

    @AfterEach
    void end() {
        try {
            other.close();
        } finally {
            one.close();
        }
    }

    /** Each key's events one after the other, by turns to both bridges. */
    private void send() {
        List<CompletableFuture<Long>> senders = new ArrayList<>();
        for (int key = 0; key < KEYS; key++) {
            String name = "queue-" + key;
            senders.add(OwnThread.supply(() -> IntStream.range(0, EVENTS).filter(number -> {
                BridgeUnderTest bridge = number % 2 == 0 ? one : other;
                return bridge.post(Keys.event(one, name, number)).status() == 202;
            }).count()));
        }
        assertThat(senders).allSatisfy(sender -> assertThat(sender.join()).isEqualTo(EVENTS));
    }

    private void assertAllOnBusOnceInOrder() {
        await().atMost(DRAINED).untilAsserted(() ->
                assertThat(one.bus().deliveredCount()).isGreaterThanOrEqualTo(KEYS * EVENTS));
        assertThat(one.bus().timesDelivered().values()).hasSize(KEYS * EVENTS).containsOnly(1);
        assertThat(Keys.onBus(one.bus())).hasSize(KEYS)
                .allSatisfy((key, numbers) -> assertThat(numbers).hasSize(EVENTS).isSorted());
        await().atMost(DRAINED).untilAsserted(() -> {
            JsonNode outbox = one.accounting().path("outbox");
            assertThat(outbox.path("entered").asInt()).isEqualTo(KEYS * EVENTS);
            assertThat(outbox.path("published").asInt()).isEqualTo(KEYS * EVENTS);
            assertThat(outbox.path("pending").asInt()).isZero();
        });
    }

    @Test
    void bothPublishWhatWaitsAndAKeyStaysInOrder() {
        // Given
        one.bus().goAway();
        send();

        // When
        one.bus().comeBack();

        // Then
        assertAllOnBusOnceInOrder();
        assertThat(List.of(one, other)).allSatisfy(bridge -> assertThat(bridge.auditLines())
                .filteredOn(line -> line.path("status").asText().equals("SUCCESS")).isNotEmpty());
    }

    @Test
    void whatABridgeLeavesBehindTheOtherPublishes() {
        // Given
        one.bus().goAway();
        send();

        // When
        other.stop();
        one.bus().comeBack();

        // Then
        assertAllOnBusOnceInOrder();
    }
}
