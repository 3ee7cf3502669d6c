package org.routingbridge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** A sender is answered within the reply budget, and what EventBridge says later still counts. */
class ReplyBudgetTest {

    private static final Duration BUDGET = Duration.ofMillis(500);
    private static final Duration TOLERANCE = Duration.ofMillis(700);
    private static final int CONCURRENCY = 2;

    private BridgeUnderTest bridge;

    @BeforeEach
    void start() {
        bridge = new BridgeUnderTest().with("bridge.delivery.reply.budget", BUDGET.toMillis() + "ms")
                .with("bridge.eventbridge.concurrency", CONCURRENCY).start();
        bridge.post(bridge.newEvent());
        bridge.calm();
    }

    @AfterEach
    void close() {
        bridge.close();
    }

    private Reply postIntoTheVoid(SampleEvent event) {
        bridge.bus().faults().forEventId(event.id(), 1, Fault.HANG);
        return bridge.post(event);
    }

    @Test
    void aHangingCallIsAnsweredWithinTheBudget() {
        // Given
        SampleEvent event = bridge.newEvent();
        long began = System.nanoTime();

        // When
        Reply reply = postIntoTheVoid(event);

        // Then
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        assertThat(reply.outcome()).isEqualTo("503 overloaded");
        assertThat(reply.header("Retry-After")).isNotNull();
        assertThat(took).isBetween(BUDGET, BUDGET.plus(TOLERANCE));
        assertThat(bridge.bus().calls()).hasSize(1);
    }

    @Test
    void acceptedAfterTheReplyMeansTheNextOneIsADuplicate() {
        // Given
        SampleEvent event = bridge.newEvent();
        postIntoTheVoid(event);

        // When
        bridge.bus().releaseHanging();
        await().atMost(10, TimeUnit.SECONDS).until(() -> bridge.bus().timesDelivered(event.id()) == 1);
        Reply again = bridge.post(event);

        // Then
        assertThat(again.outcome()).isEqualTo("200 duplicate_skipped");
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
        assertThat(bridge.bus().calls()).hasSize(1);
        await().atMost(10, TimeUnit.SECONDS).until(() -> bridge.dataLake().timesNotified(event.id()) == 1);
    }

    @Test
    void aResentEventWaitsForTheCallThatStillHangs() {
        // Given
        SampleEvent event = bridge.newEvent();
        postIntoTheVoid(event);

        // When
        CompletableFuture<Reply> again = bridge.postAsync(event.json());
        await().during(300, TimeUnit.MILLISECONDS).atMost(2, TimeUnit.SECONDS).until(() -> !again.isDone());
        bridge.bus().releaseHanging();

        // Then
        assertThat(again).succeedsWithin(Duration.ofSeconds(10))
                .satisfies(reply -> assertThat(reply.outcome()).isEqualTo("200 duplicate_skipped"));
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
    }

    @Test
    void sendersLiveOnAfterTheirCallsHung() {
        // Given
        IntStream.range(0, CONCURRENCY + 1).forEach(i -> {
            SampleEvent event = bridge.newEvent();
            postIntoTheVoid(event);
            bridge.bus().releaseHanging();
            await().atMost(10, TimeUnit.SECONDS).until(() -> bridge.bus().timesDelivered(event.id()) == 1);
        });

        // When
        Reply reply = bridge.post(bridge.newEvent());

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
    }

    @Test
    void aCallThatFailsAfterTheReplyLeavesTheEventWelcome() {
        // Given
        SampleEvent event = bridge.newEvent();
        postIntoTheVoid(event);

        // When
        bridge.bus().goAway();
        bridge.bus().comeBack();

        // Then
        await().atMost(10, TimeUnit.SECONDS).untilAsserted(() ->
                assertThat(bridge.post(event).outcome()).isEqualTo("200 processed"));
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
    }

    @Test
    void whatNoSenderWasFreeForIsNotSentAfterTheReply() {
        // Given
        bridge.bus().faults().next(CONCURRENCY, Fault.HANG);
        CompletableFuture<?>[] hanging = IntStream.range(0, CONCURRENCY).mapToObj(i -> {
            CompletableFuture<Reply> reply = bridge.postAsync(bridge.newEvent().json());
            await().atMost(5, TimeUnit.SECONDS).until(() -> bridge.bus().hanging() == i + 1);
            return reply;
        }).toArray(CompletableFuture[]::new);
        SampleEvent waiting = bridge.newEvent();

        // When
        Reply reply = bridge.post(waiting);
        CompletableFuture.allOf(hanging).join();
        bridge.bus().releaseHanging();

        // Then
        assertThat(reply.outcome()).isEqualTo("503 overloaded");
        assertThat(bridge.post(waiting).outcome()).isEqualTo("200 processed");
        assertThat(bridge.bus().timesDelivered(waiting.id())).isEqualTo(1);
    }

    @Test
    void anEventTakenBehindACutConnectionIsSentAgainUnderTheSameToken() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().forEventId(event.id(), 1, Fault.RESET_AFTER);

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        assertThat(bridge.bus().delivered()).hasSize(2)
                .extracting(entry -> Details.of(entry).at("/bridge/idempotencyToken").asText())
                .containsOnly(reply.json().path("idempotencyToken").asText());
    }
}
