package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.SampleEvent;

/** What EventBridge would not take for {@code bridge.outbox.max.age} becomes a dead letter. */
class EventsTooOldTest {

    private final BridgeUnderTest bridge = new BridgeUnderTest();

    @BeforeEach
    void start() {
        bridge.with("bridge.outbox.max.age", "2s").with("bridge.delivery.mode", "queued").start();
    }

    @AfterEach
    void close() {
        bridge.close();
    }

    private SampleEvent tooOld() {
        bridge.bus().goAway();
        SampleEvent event = bridge.newEvent();
        assertThat(bridge.post(event).status()).isEqualTo(202);
        await().atMost(Duration.ofSeconds(20)).until(() -> bridge.deadLetters(event.id()).size() == 1);
        return event;
    }

    @Test
    void anEventThatIsTooOldIsADeadLetterAndSaysWhy() {
        // When
        SampleEvent event = tooOld();

        // Then
        JsonNode letter = bridge.deadLetters(event.id()).get(0);
        assertThat(letter.path("reason").asText()).contains("bridge.outbox.max.age");
        assertThat(letter.path("event")).isEqualTo(event.tree());
        await().until(() -> bridge.pending() == 0);
        assertThat(bridge.accounting().at("/outbox/dead_lettered").asInt()).isEqualTo(1);
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
        assertThat(bridge.auditStatuses(event.id())).contains("DEAD_LETTERED");
    }

    @Test
    void replayedItsAgeStartsAnew() {
        // Given
        SampleEvent event = tooOld();
        bridge.bus().comeBack();

        // When
        Reply reply = bridge.send(bridge.operation("/ops/dead-letters/" + event.id() + "/replay")
                .POST(BodyPublishers.noBody()));

        // Then
        assertThat(reply.status()).isEqualTo(202);
        await().until(() -> bridge.bus().timesDelivered(event.id()) == 1);
        assertThat(bridge.deadLetters(event.id())).isEmpty();
    }
}
