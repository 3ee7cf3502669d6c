package org.routingbridge.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.SampleEvent;

/** What would be answered is what is answered, and to ask leaves no trace (contract, section 9). */
class ExplainEventTest {

    private final BridgeUnderTest bridge = new BridgeUnderTest();

    @AfterEach
    void close() {
        bridge.close();
    }

    private JsonNode explain(String body) {
        return explain(body, "application/json");
    }

    private JsonNode explain(String body, String contentType) {
        Reply reply = bridge.send(bridge.operation("/ops/explain").header("Content-Type", contentType)
                .POST(BodyPublishers.ofString(body)));
        assertThat(reply.status()).isEqualTo(200);
        return reply.json();
    }

    private static Map<String, String> checks(JsonNode explanation) {
        Map<String, String> checks = new LinkedHashMap<>();
        explanation.path("checks").forEach(check -> checks.put(check.path("check").asText(),
                check.path("result").asText()));
        return checks;
    }

    private void assertAnsweredAsExplained(String body) {
        JsonNode explained = explain(body);
        assertThat(bridge.post(body).outcome())
                .isEqualTo(explained.path("status").asInt() + " " + explained.path("outcome").asText());
    }

    @Test
    void aGoodEventWouldBePublishedAsItThenIs() {
        // Given
        bridge.start();
        SampleEvent event = bridge.newEvent();

        // When
        JsonNode explained = explain(event.json());

        // Then
        assertThat(explained.fieldNames()).toIterable().containsExactly("outcome", "status", "checks", "entry");
        assertThat(checks(explained)).containsOnlyKeys("media_type", "body_size", "json", "schema", "duplicate",
                "entry_size", "ordering").containsValue("passed").doesNotContainValue("failed");
        assertThat(explained.path("outcome").asText()).isEqualTo("processed");
        JsonNode entry = explained.path("entry");
        assertThat(entry.path("DetailType").asText()).isEqualTo(event.eventType());
        assertThat(entry.path("bytes").asInt()).isGreaterThan(event.bytes().length);
        assertThat(entry.path("Detail").asText()).startsWith(event.json().substring(0, event.json().length() - 1))
                .contains("\"bridge\":{\"idempotencyToken\":");
        assertThat(bridge.bus().timesDelivered(event.id())).isZero();
        assertThat(bridge.accounting().path("received").asInt()).isZero();
        assertThat(bridge.auditStatuses(event.id())).isEmpty();
        assertThat(bridge.manage("/ops/events").json()).isEmpty();
        assertAnsweredAsExplained(event.json());
    }

    @Test
    void everyRefusalIsToldByTheCheckThatMakesIt() {
        // Given
        bridge.with("bridge.oversize.policy", "reject").with("bridge.eventbridge.max.entry.bytes", 4096).start();
        SampleEvent newest = bridge.newEvent();
        assertThat(bridge.post(newest).outcome()).isEqualTo("200 processed");
        SampleEvent late = bridge.newEvent().with("/routingContext/queueId", newest.queueId())
                .with("/timestamp", Instant.now().minusSeconds(600).toString());
        Map<String, String> refused = Map.of(
                "body_size", bridge.newEvent().with("/filling", "x".repeat(400_000)).json(),
                "json", "{\"id\":",
                "schema", bridge.newEvent().with("/eventType", "no").json(),
                "duplicate", newest.json(),
                "entry_size", bridge.newEvent().with("/filling", "x".repeat(5000)).json(),
                "ordering", late.json());

        refused.forEach((check, body) -> {
            // When
            JsonNode explained = explain(body);

            // Then
            assertThat(checks(explained)).containsEntry(check, "failed");
            assertThat(checks(explained).values()).filteredOn("failed"::equals).hasSize(1);
            assertThat(explained.has("entry")).isFalse();
            assertAnsweredAsExplained(body);
        });
    }

    @Test
    void whatIsNoJsonByItsTypeIsToldSo() {
        // Given
        bridge.start();

        // When
        JsonNode explained = explain(bridge.newEvent().json(), "text/plain");

        // Then
        assertThat(explained.path("outcome").asText()).isEqualTo("unsupported_media_type");
        assertThat(explained.path("status").asInt()).isEqualTo(415);
    }

    @Test
    void whileEventBridgeIsAwayItWouldBeQueued() {
        // Given
        bridge.start();
        bridge.bus().goAway();
        assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("202 queued");

        // When
        JsonNode explained = explain(bridge.newEvent().json());

        // Then
        assertThat(explained.path("outcome").asText()).isEqualTo("queued");
        assertThat(explained.path("status").asInt()).isEqualTo(202);
        assertThat(explained.has("entry")).isTrue();
    }

    @Test
    void toExplainALateEventDoesNotLetItPassLater() {
        // Given
        bridge.start();
        SampleEvent newest = bridge.newEvent();
        SampleEvent older = bridge.newEvent().with("/routingContext/queueId", newest.queueId())
                .with("/timestamp", Instant.now().minusSeconds(600).toString());
        assertThat(explain(older.json()).path("outcome").asText()).isEqualTo("processed");
        bridge.post(newest);

        // When, Then
        assertAnsweredAsExplained(older.json());
        assertThat(bridge.post(older).outcome()).isEqualTo("409 ordering_violation");
    }
}
