package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.OwnThread;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** Every event goes through the outbox where the mode is {@code queued}; its sender waits for the disk alone. */
class QueuedEventsTest {

    private static final Duration DRAINED = Duration.ofSeconds(30);
    private static final Duration TOLERANCE = Duration.ofSeconds(1);

    private final BridgeUnderTest bridge = new BridgeUnderTest();

    @BeforeEach
    void start() {
        bridge.with("bridge.delivery.mode", "queued").with("bridge.ordering.tolerance", TOLERANCE.toMillis() + "ms")
                .start();
    }

    @AfterEach
    void close() {
        bridge.close();
    }

    private void awaitDrained() {
        await().atMost(DRAINED).until(() -> bridge.pending() == 0);
    }

    @Test
    void anEventIsAnsweredQueuedAndReachesTheBusOnce() {
        // Given
        SampleEvent event = bridge.newEvent();

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.outcome()).isEqualTo("202 queued");
        assertThat(reply.json().path("eventId").asText()).isEqualTo(event.id());
        awaitDrained();
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
        assertThat(bridge.auditStatuses(event.id())).containsExactlyInAnyOrder("QUEUED", "SUCCESS");
        await().until(() -> bridge.dataLake().timesNotified(event.id()) == 1);
    }

    @Test
    void theReplyDoesNotWaitForEventBridge() {
        // Given
        bridge.bus().faults().always(Fault.HANG);

        // When
        Instant began = Instant.now();
        Reply reply = bridge.post(bridge.newEvent());
        Reply next = bridge.post(bridge.newEvent());

        // Then
        assertThat(List.of(reply.status(), next.status())).containsOnly(202);
        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(2));
        bridge.bus().faults().none();
        bridge.bus().releaseHanging();
    }

    @Test
    void theSameIdInTheOutboxIsADuplicate() {
        // Given
        bridge.bus().goAway();
        SampleEvent event = bridge.newEvent();
        bridge.post(event);

        // When
        Reply again = bridge.post(event);

        // Then
        assertThat(again.outcome()).isEqualTo("200 duplicate_skipped");
        assertThat(bridge.pending()).isEqualTo(1);
        bridge.bus().comeBack();
        awaitDrained();
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
    }

    @Test
    void whatWaitedGoesOutInOrderOfArrivalWithinItsKey() {
        // Given
        bridge.bus().goAway();
        int keys = 8;
        int events = 25;
        List<CompletableFuture<Long>> senders = new ArrayList<>();
        for (int key = 0; key < keys; key++) {
            String name = "queue-" + key;
            senders.add(OwnThread.supply(() -> IntStream.range(0, events)
                    .filter(number -> bridge.post(Keys.event(bridge, name, number)).status() == 202).count()));
        }
        assertThat(senders).allSatisfy(sender -> assertThat(sender.join()).isEqualTo(events));

        // When
        bridge.bus().comeBack();

        // Then
        awaitDrained();
        assertThat(Keys.onBus(bridge.bus())).hasSize(keys)
                .allSatisfy((key, numbers) -> assertThat(numbers).hasSize(events).isSorted());
    }

    @Test
    void whatWaitedLongerThanTheToleranceIsMarkedLateAndNothingElse() {
        // Given
        bridge.bus().goAway();
        SampleEvent old = bridge.newEvent();
        Instant posted = Instant.now();
        assertThat(bridge.post(old).status()).isEqualTo(202);
        await().until(() -> Instant.now().isAfter(posted.plus(TOLERANCE).plusMillis(500)));

        // When
        bridge.bus().comeBack();
        awaitDrained();
        SampleEvent fresh = bridge.newEvent();
        bridge.post(fresh);
        awaitDrained();

        // Then
        assertThat(mark(old)).isTrue();
        assertThat(mark(fresh)).isFalse();
    }

    private boolean mark(SampleEvent event) {
        List<JsonNode> found = Keys.details(bridge.bus()).stream()
                .filter(detail -> detail.path("id").asText().equals(event.id())).toList();
        assertThat(found).hasSize(1);
        return found.get(0).at("/bridge/late").asBoolean(false);
    }

    @Test
    void whatIsInTheOutboxSurvivesARestartAndCountsAsSeen() {
        // Given
        bridge.bus().goAway();
        SampleEvent event = bridge.newEvent();
        bridge.post(event);

        // When
        bridge.restart();

        // Then
        assertThat(bridge.pending()).isEqualTo(1);
        assertThat(bridge.post(event).outcome()).isEqualTo("200 duplicate_skipped");
        bridge.bus().comeBack();
        awaitDrained();
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
    }

    @Test
    void anEventThatEventBridgeRefusesIsADeadLetterOnce() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().forEventId(event.id(), 1, Fault.REFUSE_ENTRY);

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.status()).isEqualTo(202);
        await().until(() -> bridge.deadLetters(event.id()).size() == 1);
        awaitDrained();
        assertThat(bridge.accounting().at("/outbox/dead_lettered").asInt()).isEqualTo(1);
        assertThat(bridge.bus().timesDelivered(event.id())).isZero();
    }
}
