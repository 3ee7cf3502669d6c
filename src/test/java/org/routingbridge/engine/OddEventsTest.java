package org.routingbridge.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.SampleEvent;

/** Valid events that are hard to write down again: they reach the bus, and harm nobody they travel with. */
class OddEventsTest {

    private static final String LONE_SURROGATE = "\\ud800";

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.eventbridge.concurrency", 1).start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
    }

    private static String withOddType(SampleEvent event) {
        return event.json().replace(event.eventType(), "routing:" + LONE_SURROGATE);
    }

    @Test
    void aLoneSurrogateInTheContextPassesUnchanged() {
        // Given
        String text = bridge.newEvent().with("/routingContext/note", "N").json()
                .replace("\"N\"", "\"" + LONE_SURROGATE + "\"");

        // When
        Reply reply = bridge.post(text);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        assertThat(bridge.bus().delivered().get(0).detail()).startsWith(text.substring(0, text.length() - 1));
    }

    @Test
    void aLoneSurrogateInTheTypeIsAnsweredForGood() {
        // Given
        String text = withOddType(bridge.newEvent());

        // When
        Reply reply = bridge.post(text);

        // Then
        assertThat(reply.status()).as("a 503 would be sent again for ever").isNotEqualTo(503);
    }

    @Test
    void aLoneSurrogateInARemovedArraysNameIsAnsweredForGood() {
        // Given
        String text = bridge.newEvent().with("/routingContext/NAME", List.of("x".repeat(280_000))).json()
                .replace("NAME", LONE_SURROGATE);

        // When
        Reply reply = bridge.post(text);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
    }

    @Test
    void anOddEventHarmsNobodyItTravelsWith() {
        // Given
        bridge.bus().latency(Duration.ofMillis(300));
        CompletableFuture<Reply> ahead = bridge.postAsync(bridge.newEvent().json());
        String odd = withOddType(bridge.newEvent());

        // When
        List<CompletableFuture<Reply>> replies = new ArrayList<>();
        bridge.postAsync(odd);
        for (int i = 0; i < 5; i++) {
            replies.add(bridge.postAsync(bridge.newEvent().with("/retryDirective/maxAttempts", 1).json()));
        }

        // Then
        assertThat(ahead.join().status()).isEqualTo(200);
        assertThat(replies).extracting(reply -> reply.join().outcome()).containsOnly("200 processed");
    }

    @Test
    void aNumberBeyondADoubleIsTaken() {
        // Given
        String text = bridge.newEvent().with("/routingContext/waitTimeMs", 4711).json().replace("4711", "1e400");

        // When
        Reply reply = bridge.post(text);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
    }
}
