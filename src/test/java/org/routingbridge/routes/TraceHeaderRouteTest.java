package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.DeliveredEntry;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** The sender's {@code traceparent} goes with its event, whichever way that takes to the bus (contract, section 9). */
class TraceHeaderRouteTest {

    private static final int LIMIT = 50_000;
    private static final String TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final String TRACE_HEADER =
            "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1";

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.oversize.policy", "chunk")
                .with("bridge.eventbridge.max.entry.bytes", LIMIT).start();
        bridge.bus().maxRequestBytes(LIMIT);
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
    }

    private static Reply post(SampleEvent event, String... traceparents) {
        var request = bridge.request().POST(BodyPublishers.ofString(event.json()));
        List.of(traceparents).forEach(traceparent -> request.header("traceparent", traceparent));
        return bridge.send(request);
    }

    private static List<String> headersOnTheBus() {
        return bridge.bus().delivered().stream().map(DeliveredEntry::traceHeader).toList();
    }

    private static SampleEvent largeEvent() {
        return bridge.newEvent().with("/routingContext/transcript", List.of("Grüße \"Zoë\" \\ 😀 日本\n".repeat(5000)));
    }

    @Test
    void itGoesWithAnEventThatIsPublishedAtOnce() {
        // When
        Reply reply = post(bridge.newEvent(), TRACEPARENT);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        assertThat(headersOnTheBus()).containsExactly(TRACE_HEADER);
    }

    @Test
    void withoutItThereIsNoTraceHeader() {
        // When
        post(bridge.newEvent());

        // Then
        assertThat(bridge.bus().delivered()).singleElement().extracting(DeliveredEntry::traceHeader).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "no trace", ";Root=1-0;Sampled=1",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01"})
    void oneThatIsNotValidIsIgnored(String traceparent) {
        // When
        Reply reply = post(bridge.newEvent(), traceparent);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        assertThat(bridge.bus().delivered()).singleElement().extracting(DeliveredEntry::traceHeader).isNull();
    }

    @Test
    void ofTwoNoneCounts() {
        // When
        Reply reply = post(bridge.newEvent(), TRACEPARENT, TRACEPARENT.replace("4bf9", "5bf9"));

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        assertThat(bridge.bus().delivered()).singleElement().extracting(DeliveredEntry::traceHeader).isNull();
    }

    @Test
    void itGoesThroughTheOutboxAndARestart() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.bus().goAway();
        assertThat(post(event, TRACEPARENT).outcome()).isEqualTo("202 queued");

        // When
        bridge.restart();
        bridge.bus().comeBack();

        // Then
        await().until(() -> bridge.pending() == 0);
        assertThat(headersOnTheBus()).containsExactly(TRACE_HEADER);
    }

    @Test
    void itGoesWithEveryChunkWithinTheLimit() {
        // Given
        SampleEvent event = largeEvent();

        // When
        Reply reply = post(event, TRACEPARENT);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        assertThat(headersOnTheBus()).hasSizeGreaterThan(2).containsOnly(TRACE_HEADER);
        // the simulator counts it
        assertThat(bridge.bus().calls()).allSatisfy(call -> assertThat(call.bytes()).isLessThanOrEqualTo(LIMIT));
    }

    @Test
    void aChunkThatWaitsInTheOutboxIsCutAsItWasAndHasIt() {
        // Given
        SampleEvent event = largeEvent().with("/retryDirective/maxAttempts", 1);
        bridge.bus().faults().forEventId(event.id(), 1, Fault.THROTTLE_ENTRY);

        // When
        Reply reply = post(event, TRACEPARENT);

        // Then
        assertThat(reply.outcome()).isEqualTo("202 queued");
        await().until(() -> bridge.pending() == 0);
        assertThat(headersOnTheBus()).containsOnly(TRACE_HEADER);
        assertThat(bridge.bus().delivered()).extracting(DeliveredEntry::detail).doesNotHaveDuplicates();
        assertThat(bridge.bus().calls()).allSatisfy(call -> assertThat(call.bytes()).isLessThanOrEqualTo(LIMIT));
    }

    @Test
    void itGoesWithADeadLetterThatIsReplayed() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().forEventId(event.id(), 1, Fault.REFUSE_ENTRY);
        assertThat(post(event, TRACEPARENT).outcome()).isEqualTo("202 dead_lettered");

        // When
        bridge.send(bridge.operation("/ops/dead-letters/" + event.id() + "/replay").POST(BodyPublishers.noBody()));

        // Then
        await().until(() -> bridge.pending() == 0);
        assertThat(headersOnTheBus()).containsExactly(TRACE_HEADER);
    }

    @Test
    void explainShowsItAndCountsIt() {
        // Given
        String json = bridge.newEvent().json();

        // When
        JsonNode with = explain(json, TRACEPARENT);
        JsonNode without = explain(json, "no trace");

        // Then
        assertThat(with.path("TraceHeader").asText()).isEqualTo(TRACE_HEADER);
        assertThat(without.has("TraceHeader")).isFalse();
        assertThat(with.path("bytes").asInt() - without.path("bytes").asInt()).isEqualTo(TRACE_HEADER.length());
    }

    private static JsonNode explain(String json, String traceparent) {
        Reply reply = bridge.send(bridge.operation("/ops/explain").header("Content-Type", "application/json")
                .header("traceparent", traceparent).POST(BodyPublishers.ofString(json)));
        assertThat(reply.status()).isEqualTo(200);
        return reply.json().path("entry");
    }
}
