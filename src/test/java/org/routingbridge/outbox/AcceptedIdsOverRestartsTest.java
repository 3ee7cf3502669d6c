package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.LinkedHashMap;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** A restart forgets no id that was accepted, and remembers none that was not (contract, section 3). */
class AcceptedIdsOverRestartsTest {

    private final BridgeUnderTest bridge = new BridgeUnderTest();

    @AfterEach
    void close() {
        bridge.close();
    }

    @Test
    void everyKindOfAcceptedEventIsADuplicateAfterwards() {
        // Given
        bridge.start();
        Map<String, SampleEvent> accepted = new LinkedHashMap<>();
        accepted.put("200 processed", bridge.newEvent());
        accepted.put("202 dead_lettered", bridge.newEvent());
        accepted.put("202 queued", bridge.newEvent());
        bridge.bus().faults().forEventId(accepted.get("202 dead_lettered").id(), 1, Fault.REFUSE_ENTRY)
                .forEventId(accepted.get("202 queued").id(), 1000, Fault.THROTTLE_ENTRY);
        accepted.forEach((outcome, event) -> assertThat(bridge.post(event).outcome()).isEqualTo(outcome));

        // When
        bridge.restart();
        bridge.restart();

        // Then
        assertThat(accepted.values())
                .allSatisfy(event -> assertThat(bridge.post(event).outcome()).isEqualTo("200 duplicate_skipped"));
    }

    @Test
    void aRefusedEventIsWelcomeAfterwards() {
        // Given
        bridge.with("bridge.outbox.max.bytes", 100).with("bridge.delivery.mode", "queued").start();
        SampleEvent event = bridge.newEvent();
        assertThat(bridge.post(event).outcome()).isEqualTo("503 overloaded");
        bridge.stop();
        bridge.with("bridge.outbox.max.bytes", 1_000_000);

        // When
        bridge.start();

        // Then
        assertThat(bridge.post(event).outcome()).isEqualTo("202 queued");
    }

    /** However long that is (contract, section 3). */
    @Test
    void whatTheStoreHoldsIsADuplicateAlsoWhenItsWindowHasPassed() {
        // Given
        bridge.with("bridge.idempotency.ttl", "1s").start();
        SampleEvent dead = bridge.newEvent();
        SampleEvent waiting = bridge.newEvent();
        SampleEvent published = bridge.newEvent();
        bridge.bus().faults().forEventId(dead.id(), 1, Fault.REFUSE_ENTRY)
                .forEventId(waiting.id(), 1000, Fault.THROTTLE_ENTRY);
        assertThat(bridge.post(dead).outcome()).isEqualTo("202 dead_lettered");
        assertThat(bridge.post(waiting).outcome()).isEqualTo("202 queued");
        assertThat(bridge.post(published).outcome()).isEqualTo("200 processed");

        // When
        await().until(() -> bridge.post(published).outcome().equals("200 processed"));

        // Then
        for (int start = 0; start < 2; start++) {
            assertThat(bridge.post(dead).outcome()).isEqualTo("200 duplicate_skipped");
            assertThat(bridge.post(waiting).outcome()).isEqualTo("200 duplicate_skipped");
            bridge.restart();
        }
    }

    @Test
    void anIdIsForgottenWhenItsWindowHasPassedRestartOrNot() {
        // Given
        bridge.with("bridge.idempotency.ttl", "2s").start();
        SampleEvent event = bridge.newEvent();
        bridge.post(event);
        bridge.restart();

        // When
        await().until(() -> bridge.post(event).outcome().equals("200 processed"));

        // Then
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(2);
    }
}
