package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.SampleEvent;

/** A full outbox leaves events with their senders, and says so. */
class FullOutboxTest {

    private static final int MAX_BYTES = 60_000;
    private static final int MORE_THAN_FIT = 200;

    private final BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.outbox.max.bytes", MAX_BYTES)
            .with("bridge.delivery.mode", "queued");

    @AfterEach
    void close() {
        bridge.close();
    }

    /** Fills it to the first refusal. */
    private Reply fill(List<SampleEvent> accepted, List<SampleEvent> refused) {
        for (int i = 0; i < MORE_THAN_FIT; i++) {
            SampleEvent event = bridge.newEvent();
            Reply reply = bridge.post(event);
            if (reply.status() == 503) {
                refused.add(event);
                return reply;
            }
            assertThat(reply.outcome()).isEqualTo("202 queued");
            accepted.add(event);
        }
        throw new AssertionError("the outbox was never full");
    }

    @Test
    void whatDoesNotFitIsRefusedWithAPauseAndEverythingElseReachesTheBus() {
        // Given
        bridge.start();
        bridge.bus().goAway();
        List<SampleEvent> accepted = new ArrayList<>();
        List<SampleEvent> refused = new ArrayList<>();

        // When
        Reply refusal = fill(accepted, refused);

        // Then
        assertThat(refusal.outcome()).isEqualTo("503 overloaded");
        assertThat(refusal.header("Retry-After")).matches("[1-9]\\d*");
        assertThat(bridge.pending()).isEqualTo(accepted.size());
        assertThat(bridge.accounting().path("overloaded").asInt()).isEqualTo(1);
        bridge.bus().comeBack();
        await().atMost(Duration.ofSeconds(30)).until(() -> bridge.pending() == 0);
        assertThat(bridge.bus().timesDelivered()).containsOnlyKeys(accepted.stream().map(SampleEvent::id).toList());
    }

    @Test
    void theBridgeIsNotReadyOverNinetyPercentAndIsAgainOnceItIsDrained() {
        // Given
        bridge.start();
        assertThat(bridge.readiness().status()).isEqualTo(200);
        bridge.bus().goAway();
        fill(new ArrayList<>(), new ArrayList<>());

        // When
        Reply full = bridge.readiness();

        // Then
        assertThat(full.status()).isEqualTo(503);
        assertThat(full.body()).contains("over 90 % full");
        bridge.bus().comeBack();
        await().atMost(Duration.ofSeconds(30)).until(() -> bridge.readiness().status() == 200);
    }

    @Test
    void aRefusedEventIsWelcomeOnceThereIsRoom() {
        // Given
        bridge.start();
        bridge.bus().goAway();
        List<SampleEvent> refused = new ArrayList<>();
        fill(new ArrayList<>(), refused);
        bridge.bus().comeBack();
        await().atMost(Duration.ofSeconds(30)).until(() -> bridge.pending() == 0);

        // When
        Reply reply = bridge.post(refused.get(0));

        // Then
        assertThat(reply.outcome()).isEqualTo("202 queued");
        await().until(() -> bridge.bus().timesDelivered(refused.get(0).id()) == 1);
    }

    @Test
    void itIsStillFullAfterARestart() {
        // Given
        bridge.start();
        bridge.bus().goAway();
        List<SampleEvent> accepted = new ArrayList<>();
        fill(accepted, new ArrayList<>());

        // When
        bridge.restart();

        // Then
        assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("503 overloaded");
        assertThat(bridge.pending()).isEqualTo(accepted.size());
        assertThat(bridge.readiness().status()).isEqualTo(503);
    }

    @Test
    void anEventThatIsRefusedAfterItsAttemptsIsAnsweredAndAuditedLikeAnyOther() {
        // Given
        bridge.with("bridge.delivery.mode", "direct").with("bridge.outbox.max.bytes", 1).start();
        bridge.bus().goAway();
        SampleEvent event = bridge.newEvent();

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.outcome()).isEqualTo("503 overloaded");
        assertThat(reply.body()).contains("The outbox is full");
        assertThat(bridge.auditStatuses(event.id())).contains("FAILURE").endsWith("REJECTED");
    }
}
