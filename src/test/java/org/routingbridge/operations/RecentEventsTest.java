package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** The story of each event, as an operator asks for it (contract, section 9). */
class RecentEventsTest {

    private final BridgeUnderTest bridge = new BridgeUnderTest();

    @BeforeEach
    void start() {
        bridge.start();
    }

    @AfterEach
    void close() {
        bridge.close();
    }

    private JsonNode story(SampleEvent event) {
        Reply reply = bridge.manage("/ops/events/" + event.id());
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).startsWith("application/json");
        return reply.json();
    }

    private static List<String> steps(JsonNode story) {
        List<String> steps = new ArrayList<>();
        story.path("steps").forEach(step -> steps.add(step.path("step").asText() + " " + step.path("result").asText()));
        return steps;
    }

    @Test
    void anEventThatWasPublishedAndToldToTheDataLakeShowsBoth() {
        // Given
        SampleEvent event = bridge.newEvent();

        // When
        assertThat(bridge.post(event).outcome()).isEqualTo("200 processed");

        // Then
        await().until(() -> story(event).at("/dataLake/state").asText().equals("told"));
        JsonNode story = story(event);
        assertThat(story.fieldNames()).toIterable().containsExactly("id", "eventType", "queueId", "receivedAt",
                "outcome", "steps", "entry", "dataLake");
        assertThat(story.path("outcome").asText()).isEqualTo("processed");
        assertThat(story.path("queueId").asText()).isEqualTo(event.queueId());
        assertThat(steps(story)).startsWith("received passed", "secret passed").endsWith("ordering passed",
                "attempt 1 success");
        assertThat(story.at("/entry/eventBridgeEventId").asText()).isNotEmpty();
        assertThat(story.at("/entry/bytes").asInt()).isGreaterThan(event.bytes().length);
    }

    @Test
    void anEventThatWaitedIsQueuedAndThenProcessed() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.bus().goAway();
        assertThat(bridge.post(event).outcome()).isEqualTo("202 queued");
        assertThat(story(event).path("outcome").asText()).isEqualTo("queued");

        // When
        bridge.bus().comeBack();

        // Then
        await().until(() -> story(event).path("outcome").asText().equals("processed"));
        assertThat(steps(story(event))).contains("attempt 1 failure", "outbox queued").last().asString()
                .endsWith(" success");
    }

    @Test
    void aNotificationThatTheDataLakeCannotTakeWaitsAndIsTold() {
        // Given
        bridge.dataLake().trouble().always(503);
        SampleEvent event = bridge.newEvent();

        // When
        bridge.post(event);

        // Then
        await().until(() -> story(event).at("/dataLake/state").asText().equals("waiting"));
        assertThat(story(event).at("/dataLake/error").asText()).isEqualTo("status 503");
        bridge.dataLake().trouble().none();
        await().until(() -> story(event).at("/dataLake/state").asText().equals("told"));
    }

    @Test
    void theyAreListedNewestFirstWithWhatBecameOfThem() {
        // Given
        SampleEvent good = bridge.newEvent();
        SampleEvent refused = bridge.newEvent();
        SampleEvent invalid = bridge.newEvent().with("/eventType", "not a routing event");
        bridge.bus().faults().forEventId(refused.id(), 1, Fault.REFUSE_ENTRY);

        // When
        bridge.post(good);
        bridge.post(good);
        bridge.post(refused);
        bridge.post(invalid);
        JsonNode list = bridge.manage("/ops/events").json();

        // Then
        assertThat(list).extracting(story -> story.path("outcome").asText())
                .containsExactly("schema_violation", "dead_lettered", "processed");
        assertThat(list.get(0).path("id").asText()).isEqualTo(invalid.id());
        assertThat(list.get(0).has("steps")).isFalse();
        assertThat(bridge.manage("/ops/events?outcome=dead_lettered").json())
                .extracting(story -> story.path("id").asText()).containsExactly(refused.id());
        assertThat(bridge.manage("/ops/events?limit=1&offset=2").json())
                .extracting(story -> story.path("id").asText()).containsExactly(good.id());
        assertThat(steps(story(good))).endsWith("attempt 1 success", "reply duplicate_skipped");
        assertThat(steps(story(invalid))).endsWith("json passed", "schema failed", "reply schema_violation");
    }

    @Test
    void oneThatIsNotKnownIsNotFound() {
        // When
        Reply reply = bridge.manage("/ops/events/3f2504e0-4f89-41d3-9a0c-0305e82c3301");

        // Then
        assertThat(reply.outcome()).isEqualTo("404 not_found");
        assertThat(bridge.manage("/ops/events?limit=x").outcome()).isEqualTo("400 malformed_request");
    }
}
