package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.RawConnection;
import org.routingbridge.simulator.SampleEvent;

/** The webhook that takes one request at a time: {@code bridge.webhook.max.inflight} is 1. */
class InflightLimitRouteTest {

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.webhook.max.inflight", 1).start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
        await().untilAsserted(() -> assertThat(bridge.metric("bridge_inflight")).isZero());
    }

    private static CompletableFuture<Reply> oneInFlight() {
        bridge.bus().latency(Duration.ofMillis(600));
        CompletableFuture<Reply> first = bridge.postAsync(bridge.newEvent().json());
        await().pollInterval(Duration.ofMillis(10)).untilAsserted(() -> assertThat(bridge.bus().calls()).hasSize(1));
        return first;
    }

    @Test
    void oneMoreThanAllowedIsAnswered503() {
        // Given
        CompletableFuture<Reply> first = oneInFlight();
        SampleEvent event = bridge.newEvent();

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.outcome()).isEqualTo("503 overloaded");
        assertThat(reply.header("Retry-After")).matches("[1-9][0-9]*");
        assertThat(first.join().outcome()).isEqualTo("200 processed");
        assertThat(bridge.bus().timesDelivered(event.id())).isZero();
    }

    @Test
    void whatWasTurnedAwayIsTakenOnceThereIsRoom() {
        // Given
        CompletableFuture<Reply> first = oneInFlight();
        SampleEvent event = bridge.newEvent();
        bridge.post(event);
        first.join();
        await().untilAsserted(() -> assertThat(bridge.metric("bridge_inflight")).isZero());

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
    }

    @Test
    void aWrongSecretIsToldSoAndNotThatThereIsNoRoom() {
        // Given
        CompletableFuture<Reply> first = oneInFlight();

        // When
        Reply reply = bridge.send(bridge.request().setHeader("X-Webhook-Secret", "wrong")
                .POST(BodyPublishers.ofString("{}")));

        // Then
        assertThat(reply.outcome()).isEqualTo("401 unauthorized");
        assertThat(first.join().outcome()).isEqualTo("200 processed");
    }

    @Test
    void noRoomBeatsAWrongType() {
        // Given
        CompletableFuture<Reply> first = oneInFlight();

        // When
        Reply reply = bridge.send(bridge.request().setHeader("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{}")));

        // Then
        assertThat(reply.outcome()).isEqualTo("503 overloaded");
        assertThat(first.join().outcome()).isEqualTo("200 processed");
    }

    @Test
    void aBodyStillOnItsWayIsInFlight() {
        // Given
        try (RawConnection slow = bridge.connect()) {
            slow.post("Content-Type: application/json", "Content-Length: 10").write("{");
            await().untilAsserted(() -> assertThat(bridge.metric("bridge_inflight")).isEqualTo(1));

            // When
            Reply reply = bridge.post(bridge.newEvent());

            // Then
            assertThat(reply.outcome()).isEqualTo("503 overloaded");
        }
    }

    @Test
    void aSenderThatHangsUpMakesRoom() {
        // Given
        try (RawConnection slow = bridge.connect()) {
            slow.post("Content-Type: application/json", "Content-Length: 10").write("{");
            await().untilAsserted(() -> assertThat(bridge.metric("bridge_inflight")).isEqualTo(1));
        }

        // When
        await().untilAsserted(() -> assertThat(bridge.metric("bridge_inflight")).isZero());

        // Then
        assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("200 processed");
    }

    @Test
    void aRequestTurnedAwayIsCountedAsOverloaded() {
        // Given
        double before = bridge.metric("bridge_events_total{outcome=\"overloaded\"}");
        CompletableFuture<Reply> first = oneInFlight();

        // When
        bridge.post(bridge.newEvent());

        // Then
        first.join();
        await().untilAsserted(() -> assertThat(bridge.metric("bridge_events_total{outcome=\"overloaded\"}"))
                .isEqualTo(before + 1));
    }
}
