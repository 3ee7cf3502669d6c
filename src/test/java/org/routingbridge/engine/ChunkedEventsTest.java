package org.routingbridge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.DeliveredEntry;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.PutCall;
import org.routingbridge.simulator.SampleEvent;

/** An event too large for an entry goes out in chunks, which are one event to everybody else. */
class ChunkedEventsTest {

    private static final int LIMIT = 50_000;

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.oversize.policy", "chunk")
                .with("bridge.eventbridge.max.entry.bytes", LIMIT).start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
    }

    private static SampleEvent largeEvent() {
        return bridge.newEvent().with("/routingContext/transcript", List.of("Grüße \"Zoë\" \\ 😀 日本\n".repeat(5000)));
    }

    private static List<JsonNode> chunks() {
        return bridge.bus().delivered().stream().map(Details::of)
                .sorted(Comparator.comparingInt(detail -> detail.at("/bridge/chunk/index").intValue())).toList();
    }

    private static String together() {
        return chunks().stream().map(detail -> detail.at("/bridge/chunk/data").textValue())
                .collect(Collectors.joining());
    }

    @Test
    void theChunksOnTheBusAreThePostedText() {
        // Given
        SampleEvent event = largeEvent();
        String text = " " + event.json() + "\n";

        // When
        Reply reply = bridge.post(text);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        // white space around the event is no part of it
        assertThat(together()).isEqualTo(event.json());
        assertThat(chunks()).hasSizeGreaterThan(2).allSatisfy(detail -> {
            assertThat(detail.at("/bridge/chunk/of").asText())
                    .isEqualTo(reply.json().path("idempotencyToken").asText());
            assertThat(detail.at("/bridge/chunk/count").intValue()).isEqualTo(bridge.bus().deliveredCount());
            assertThat(detail.path("routingContext").has("transcript")).isFalse();
            assertThat(detail.at("/routingContext/queueId").asText()).isEqualTo(event.queueId());
        });
        assertThat(bridge.bus().delivered()).extracting(DeliveredEntry::detailType).containsOnly(event.eventType());
        assertThat(bridge.bus().calls()).allSatisfy(call -> assertThat(call.bytes()).isLessThanOrEqualTo(LIMIT));
    }

    @Test
    void aThrottledChunkIsSentAgainAlone() {
        // Given
        SampleEvent event = largeEvent();
        bridge.bus().faults().forEventId(event.id(), 1, Fault.THROTTLE_ENTRY);

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        assertThat(together()).isEqualTo(event.json());
        int sent = bridge.bus().calls().stream().mapToInt(PutCall::entries).sum();
        assertThat(sent).isEqualTo(bridge.bus().deliveredCount() + 1);
        assertThat(chunks()).extracting(detail -> detail.at("/bridge/idempotencyToken").asText())
                .doesNotHaveDuplicates();
    }

    @Test
    void aChunkThatWaitsInTheOutboxIsSentAgainAlone() {
        // Given
        SampleEvent event = largeEvent().with("/retryDirective/maxAttempts", 1);
        bridge.bus().faults().forEventId(event.id(), 1, Fault.THROTTLE_ENTRY);

        // When
        Reply reply = bridge.post(event);
        await().atMost(20, TimeUnit.SECONDS).until(() -> bridge.metric("bridge_outbox_depth") == 0);

        // Then
        assertThat(reply.outcome()).isEqualTo("202 queued");
        assertThat(chunks()).extracting(detail -> detail.at("/bridge/idempotencyToken").asText())
                .doesNotHaveDuplicates();
        assertThat(together()).isEqualTo(event.json());
    }

    @Test
    void theDataLakeIsToldOnce() {
        // Given
        SampleEvent event = largeEvent();

        // When
        bridge.post(event);

        // Then
        await().atMost(10, TimeUnit.SECONDS).until(() -> bridge.dataLake().timesNotified(event.id()) > 0);
        await().during(300, TimeUnit.MILLISECONDS).atMost(5, TimeUnit.SECONDS)
                .until(() -> bridge.dataLake().timesNotified(event.id()) == 1);
        assertThat(bridge.dataLake().notifications().get(0).at("/routingAttributes/transcript/0").asText())
                .startsWith("Grüße");
    }

    @Test
    void aRepeatedEventIsNotCutAgain() {
        // Given
        SampleEvent event = largeEvent();
        bridge.post(event);
        int calls = bridge.bus().calls().size();

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 duplicate_skipped");
        assertThat(bridge.bus().calls()).hasSize(calls);
    }
}
