package org.routingbridge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.delivery.reply.budget", BUDGET.toMillis() + "ms")
                .with("bridge.eventbridge.concurrency", CONCURRENCY).start();
    }

    /** And no longer careful after the hanging calls of the test before. */
    @BeforeEach
    void calm() {
        bridge.calm();
        await().atMost(30, TimeUnit.SECONDS).until(() -> bridge.post(bridge.newEvent()).status() == 200);
        bridge.calm();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    private Reply postIntoTheVoid(SampleEvent event) {
        bridge.bus().faults().forEventId(event.id(), 1, Fault.HANG);
        return bridge.post(event);
    }

    private void awaitEmptyOutbox() {
        await().atMost(30, TimeUnit.SECONDS).until(() -> bridge.metric("bridge_outbox_depth") == 0);
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
        assertThat(reply.outcome()).isEqualTo("202 queued");
        assertThat(took).isBetween(BUDGET.dividedBy(2), BUDGET.plus(TOLERANCE));
        assertThat(bridge.bus().calls()).hasSize(1);
    }

    @Test
    void acceptedAfterTheReplyMeansOnTheBusOnce() {
        // Given
        SampleEvent event = bridge.newEvent();
        postIntoTheVoid(event);

        // When
        bridge.bus().releaseHanging();
        awaitEmptyOutbox();
        Reply again = bridge.post(event);

        // Then
        assertThat(again.outcome()).isEqualTo("200 duplicate_skipped");
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
        assertThat(bridge.bus().calls()).hasSize(1);
        await().during(300, TimeUnit.MILLISECONDS).atMost(10, TimeUnit.SECONDS)
                .until(() -> bridge.dataLake().timesNotified(event.id()) == 1);
    }

    @Test
    void aResentEventIsADuplicateWhileTheCallStillHangs() {
        // Given
        SampleEvent event = bridge.newEvent();
        postIntoTheVoid(event);

        // When
        Reply again = bridge.post(event);
        bridge.bus().releaseHanging();
        awaitEmptyOutbox();

        // Then
        assertThat(again.outcome()).isEqualTo("200 duplicate_skipped");
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
    }

    @Test
    void aCallThatFailsAfterTheReplyIsMadeUpForFromTheOutbox() {
        // Given
        SampleEvent event = bridge.newEvent();
        postIntoTheVoid(event);

        // When
        bridge.bus().goAway();
        bridge.bus().comeBack();
        awaitEmptyOutbox();

        // Then
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
        assertThat(bridge.post(event).outcome()).isEqualTo("200 duplicate_skipped");
    }

    @Test
    void sendersLiveOnAfterTheirCallsHung() {
        // Given
        for (int i = 0; i <= CONCURRENCY; i++) {
            postIntoTheVoid(bridge.newEvent());
            bridge.bus().releaseHanging();
            awaitEmptyOutbox();
            await().atMost(10, TimeUnit.SECONDS).until(() -> bridge.post(bridge.newEvent()).status() == 200);
        }

        // When
        List<Load.Answer> answers = new Load(bridge).closed(20, 200, i -> bridge.newEvent().json());

        // Then
        assertThat(Load.outcomes(answers)).containsOnlyKeys("200 processed");
    }

    @Test
    void whatNoSenderWasFreeForIsQueuedAndSentOnce() {
        // Given
        bridge.bus().faults().next(CONCURRENCY, Fault.HANG);
        for (int i = 1; i <= CONCURRENCY; i++) {
            int hanging = i;
            bridge.postAsync(bridge.newEvent().json());
            await().atMost(5, TimeUnit.SECONDS).until(() -> bridge.bus().hanging() == hanging);
        }
        SampleEvent waiting = bridge.newEvent();

        // When
        Reply reply = bridge.post(waiting);
        bridge.bus().releaseHanging();
        awaitEmptyOutbox();

        // Then
        assertThat(reply.outcome()).isEqualTo("202 queued");
        assertThat(bridge.bus().timesDelivered(waiting.id())).isEqualTo(1);
        assertThat(bridge.bus().timesDelivered().values()).containsOnly(1);
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
