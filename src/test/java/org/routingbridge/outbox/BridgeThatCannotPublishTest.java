package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.EventBridgeSimulator;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;
import org.routingbridge.store.PostgresForTests;

/** Of three bridges on one PostgreSQL one has an EventBridge that does not take its events (contract, section 10). */
class BridgeThatCannotPublishTest {

    private static final int MANY = 100;

    private static BridgeUnderTest one;
    private static BridgeUnderTest other;

    private final EventFactory events = new EventFactory();

    @BeforeAll
    static void startTwo() {
        one = new BridgeUnderTest().with("bridge.store.url", PostgresForTests.shared().newDatabase())
                .without("bridge.datalake.url");
        other = one.another();
        one.start();
        other.start();
    }

    @AfterAll
    static void end() {
        try {
            other.close();
        } finally {
            one.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"ACCESS_DENIED, direct", "RESET_BEFORE, direct", "ACCESS_DENIED, queued"})
    void whatOneBridgeAloneCannotPublishTheOthersDoUntilItFindsThatItCan(Fault fault, String mode) {
        try (EventBridgeSimulator itsOwn = new EventBridgeSimulator(); BridgeUnderTest third = one.another()) {
            // Given
            itsOwn.createBus(BridgeUnderTest.BUS);
            itsOwn.start();
            itsOwn.faults().always(fault);
            third.with("bridge.eventbridge.endpoint", itsOwn.endpoint()).with("bridge.delivery.mode", mode).start();
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(publishing()).hasSize(3));

            // When
            List<SampleEvent> sent = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                SampleEvent event = events.validEvent(events.newId(), "queue-" + UUID.randomUUID(), Instant.now())
                        .with("/retryDirective/maxAttempts", 1);
                sent.add(event);
                assertThat(third.post(event).outcome()).isEqualTo("202 queued");
            }

            // Then
            await("what waits is published whichever key it has").atMost(Duration.ofSeconds(30)).untilAsserted(() ->
                    assertThat(sent).allSatisfy(event -> assertThat(one.bus().timesDelivered(event.id())).isOne()));
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(publishing()).hasSize(2));

            // When
            itsOwn.faults().none();

            // Then
            await("ready for what shows that it can").atMost(Duration.ofSeconds(40)).until(() ->
                    third.readiness().status() == 200 && third.post(one.newEvent()).outcome().equals("200 processed"));
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(publishing()).hasSize(3));
            assertThat(third.readiness().body()).doesNotContain("misconfigured");
        }
    }

    private static List<JsonNode> publishing() {
        List<JsonNode> publishing = new ArrayList<>();
        one.accounting().path("bridges").forEach(bridge -> {
            if (bridge.path("publishes").asBoolean()) {
                publishing.add(bridge);
            }
        });
        return publishing;
    }
}
