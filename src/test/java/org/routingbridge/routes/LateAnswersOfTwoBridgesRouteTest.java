package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;
import org.routingbridge.store.PostgresForTests;

/** What EventBridge takes when its sender has gone is on the bus once, whichever bridge goes on with the outbox. */
class LateAnswersOfTwoBridgesRouteTest {

    private static final int EVENTS = 20;
    private static final Duration SLOW = Duration.ofMillis(1500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EventFactory events = new EventFactory();
    private BridgeUnderTest one;
    private BridgeUnderTest other;

    @BeforeEach
    void startTwo() {
        one = new BridgeUnderTest().with("bridge.store.url", PostgresForTests.url()).without("bridge.datalake.url")
                .with("bridge.delivery.reply.budget", "400ms").with("bridge.eventbridge.timeout", "3s");
        other = one.another();
        one.start();
        other.start();
    }

    @AfterEach
    void end() {
        other.close();
        one.close();
    }

    @Test
    void anEventThatEventBridgeTookLateIsNotPublishedAgain() {
        // Given
        one.bus().latency(SLOW);
        List<SampleEvent> sent = IntStream.range(0, EVENTS)
                .mapToObj(i -> events.validEvent(events.newId(), "queue-" + i, Instant.now())).toList();

        // When
        List<CompletableFuture<Reply>> replies = sent.stream().map(event -> one.postAsync(event.json())).toList();
        List<String> outcomes = replies.stream().map(reply -> reply.join().outcome()).toList();
        await().atMost(PATIENCE).until(() -> one.metric("bridge_outbox_depth") == 0
                && other.metric("bridge_outbox_depth") == 0);

        // Then
        assertThat(outcomes).containsOnly("202 queued");
        assertThat(sent).extracting(event -> one.bus().timesDelivered(event.id())).containsOnly(1);
    }
}
