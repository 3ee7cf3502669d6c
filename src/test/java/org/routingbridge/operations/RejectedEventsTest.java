package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.SharedBridge;
import org.routingbridge.simulator.DeliveredEntry;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;

/**
 * What operators do with the events that were refused (contract, section 8). All share a bridge but those that alter
 * its settings or fill its list: nobody can empty that, so each looks at what came into it since it began.
 */
class RejectedEventsTest {

    private static final int MOST = 1000;

    @RegisterExtension
    private static final SharedBridge SHARED = new SharedBridge(BridgeUnderTest::new);

    private static BridgeUnderTest bridge;

    private OperatorsList rejected;
    private List<JsonNode> former;

    @BeforeEach
    void begin() {
        bridge = SHARED.bridge();
        rejected = new OperatorsList(bridge, "/ops/rejected");
        former = rejected.page("?limit=1000");
    }

    /** What is listed before what was there when the test began, none of which has gone. */
    private List<JsonNode> listed() {
        List<JsonNode> all = rejected.page("?limit=1000");
        assertThat(all).endsWith(former.toArray(JsonNode[]::new));
        return all.subList(0, all.size() - former.size());
    }

    private List<String> listedIds() {
        return listed().stream().map(event -> event.path("id").asText()).toList();
    }

    private SampleEvent invalid() {
        SampleEvent event = bridge.newEvent().without("/retryDirective");
        assertThat(bridge.post(event).outcome()).isEqualTo("400 schema_violation");
        return event;
    }

    /** Refused since a newer one of its queue went before it. */
    private SampleEvent outOfOrder() {
        SampleEvent newer = bridge.newEvent();
        assertThat(bridge.post(newer).outcome()).isEqualTo("200 processed");
        SampleEvent late = bridge.newEvent().with("/routingContext/queueId", newer.queueId())
                .with("timestamp", Instant.now().minus(Duration.ofMinutes(2)).toString());
        assertThat(bridge.post(late).outcome()).isEqualTo("409 ordering_violation");
        return late;
    }

    @Test
    void whatWasRefusedIsListedWithTheReasonNewestFirst() {
        // Given
        SampleEvent invalid = invalid();
        SampleEvent late = outOfOrder();
        SampleEvent large = new EventFactory().oversizeEvent();
        assertThat(bridge.post(large).outcome()).isEqualTo("413 entry_too_large");

        // When
        List<JsonNode> listed = listed();

        // Then
        assertThat(listed).extracting(event -> event.path("id").asText())
                .containsExactly(large.id(), late.id(), invalid.id());
        assertThat(listed).extracting(event -> event.path("reason").asText()).satisfiesExactly(
                reason -> assertThat(reason).startsWith("entry_too_large"),
                reason -> assertThat(reason).startsWith("ordering_violation"),
                reason -> assertThat(reason).startsWith("schema_violation: /retryDirective "));
        assertThat(listed.get(1).path("event")).isEqualTo(late.tree());
        assertThat(listed.get(1).fieldNames()).toIterable()
                .containsExactlyInAnyOrder("id", "eventId", "reason", "attempts", "at", "event");
        assertThat(rejected.ids("?limit=1&offset=1")).containsExactly(late.id());
    }

    @Test
    void whatHasNoIdOrWasNoJsonIsNotKept() {
        // Given
        bridge.post("{\"eventType\": \"routing:x\"}");
        bridge.post("{");

        // When
        List<JsonNode> listed = listed();

        // Then
        assertThat(listed).isEmpty();
    }

    @Test
    void anEventOutOfOrderIsTakenAfterAll() {
        // Given
        SampleEvent late = outOfOrder();

        // When
        Reply reply = rejected.replay(late.id());

        // Then
        assertThat(reply.status()).isEqualTo(202);
        assertThat(reply.json().path("replayed").asInt()).isEqualTo(1);
        await().until(() -> bridge.bus().timesDelivered(late.id()) == 1);
        assertThat(listedIds()).isEmpty();
        assertThat(bridge.post(late).outcome()).isEqualTo("200 duplicate_skipped");
        await().until(() -> bridge.pending() == 0);
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
        assertThat(rejected.replay(late.id()).status()).isEqualTo(404);
    }

    private JsonNode marksOnBus(SampleEvent event) throws Exception {
        await().until(() -> bridge.bus().timesDelivered(event.id()) == 1);
        for (DeliveredEntry entry : bridge.bus().delivered()) {
            JsonNode detail = new JsonMapper().readTree(entry.detail());
            if (detail.path("id").asText().equals(event.id())) {
                return detail.path("bridge");
            }
        }
        throw new AssertionError("not on the bus");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEventThatCameTooLateIsMarkedSoWhenItIsTakenAfterAll(boolean byAnotherProcess) throws Exception {
        // Given
        SampleEvent late = outOfOrder();
        if (byAnotherProcess) {
            bridge.restart();
        }

        // When
        rejected.replay(late.id());

        // Then
        assertThat(marksOnBus(late).path("late").asBoolean()).isTrue();
        assertThat(marksOnBus(late).has("future")).isFalse();
    }

    @Test
    void anEventFromTheFutureIsMarkedSoWhenItIsTakenAfterAll() throws Exception {
        // Given
        SampleEvent future = bridge.newEvent().with("timestamp", Instant.now().plus(Duration.ofMinutes(5)).toString());
        assertThat(bridge.post(future).outcome()).isEqualTo("409 ordering_violation");

        // When
        rejected.replay(future.id());

        // Then
        assertThat(marksOnBus(future).path("future").asBoolean()).isTrue();
        assertThat(marksOnBus(future).has("late")).isFalse();
    }

    @Test
    @Tag(SharedBridge.LAST)
    void anEventThatWasRefusedForAnotherReasonIsNotMarked() throws Exception {
        // Given
        SampleEvent large = new EventFactory().oversizeEvent();
        bridge.post(large);
        bridge.stop();
        bridge.bus().maxRequestBytes(1_000_000);
        bridge.with("bridge.eventbridge.max.entry.bytes", 1_000_000).start();

        // When
        rejected.replay(large.id());

        // Then
        assertThat(marksOnBus(large).fieldNames()).toIterable().containsExactly("idempotencyToken", "receivedAt");
    }

    @Test
    void anEventThatIsStillInvalidIsRefusedAgainAndStays() {
        // Given
        SampleEvent invalid = invalid();

        // When
        Reply reply = rejected.replay(invalid.id());

        // Then
        assertThat(reply.outcome()).isEqualTo("400 schema_violation");
        assertThat(reply.json().path("violations")).isNotEmpty();
        assertThat(listedIds()).containsExactly(invalid.id());
    }

    @Test
    void anEventThatIsStillTooLargeIsRefusedAgainAndStays() {
        // Given
        SampleEvent large = new EventFactory().oversizeEvent();
        bridge.post(large);

        // When
        Reply reply = rejected.replay(large.id());

        // Then
        assertThat(reply.outcome()).isEqualTo("413 entry_too_large");
        assertThat(listedIds()).containsExactly(large.id());
    }

    @Test
    @Tag(SharedBridge.LAST)
    void anEventThatFitsALargerLimitAfterARestartIsTaken() {
        // Given
        SampleEvent large = new EventFactory().oversizeEvent();
        bridge.post(large);
        bridge.stop();
        bridge.bus().maxRequestBytes(1_000_000);
        bridge.with("bridge.eventbridge.max.entry.bytes", 1_000_000).start();

        // When
        Reply reply = rejected.replay(large.id());

        // Then
        assertThat(reply.status()).isEqualTo(202);
        await().until(() -> bridge.bus().timesDelivered(large.id()) == 1);
    }

    @Test
    void anUnknownIdIsNotFound() {
        // Given
        SampleEvent invalid = invalid();

        // When
        Reply reply = rejected.replay("00000000-0000-0000-0000-000000000000");

        // Then
        assertThat(reply.outcome()).isEqualTo("404 not_found");
        assertThat(listedIds()).containsExactly(invalid.id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../outbox-books", "..", "' OR '1'='1", "000000000001", "*", "${body}", "\u0000", "ü"})
    void anOddIdHarmsNothing(String id) {
        // Given
        SampleEvent invalid = invalid();

        // When
        Reply reply = rejected.replay(URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20"));

        // Then
        assertThat(reply.status()).isIn(400, 404, 405);
        assertThat(reply.body()).doesNotContain("Exception", "org.apache");
        assertThat(listedIds()).containsExactly(invalid.id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../../tmp/odd", "' OR '1'='1", "a/b", "", "\u0000", "${body}"})
    void anEventWithAnOddIdIsKeptUnderANameOfOurs(String id) {
        // Given
        SampleEvent odd = bridge.newEvent().with("id", id);

        // When
        Reply reply = bridge.post(odd);

        // Then
        assertThat(reply.outcome()).isEqualTo("400 schema_violation");
        assertThat(listed()).hasSizeLessThanOrEqualTo(1)
                .allSatisfy(event -> assertThat(event.path("event")).isEqualTo(odd.tree()));
    }

    @Test
    @Tag(SharedBridge.LAST)
    void theNewestThousandAreKeptAlsoOverARestart() {
        // Given
        List<String> posted = new ArrayList<>();
        for (int i = 0; i < MOST + 5; i++) {
            posted.add(invalid().id());
        }

        // When
        List<String> kept = rejected.ids("?limit=5000");

        // Then
        assertThat(kept).hasSize(MOST).contains(posted.get(MOST + 4)).doesNotContainAnyElementsOf(posted.subList(0, 5));
        bridge.restart();
        assertThat(rejected.ids("?limit=5000")).isEqualTo(kept);
    }
}
