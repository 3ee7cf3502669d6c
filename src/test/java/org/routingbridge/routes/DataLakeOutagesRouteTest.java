package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.SharedBridge;
import org.routingbridge.simulator.SampleEvent;

/**
 * What the data lake cannot take is kept on disk and told later; what it will not take is a dead letter. All share a
 * bridge but those that alter its settings.
 */
class DataLakeOutagesRouteTest {

    private static final Duration TOLD = Duration.ofSeconds(20);
    private static final String PENDING = "bridge_datalake_pending";

    @RegisterExtension
    private static final SharedBridge SHARED =
            new SharedBridge(() -> new BridgeUnderTest().with("bridge.datalake.timeout", "1s"));

    private static BridgeUnderTest bridge;

    @BeforeEach
    void begin() {
        bridge = SHARED.bridge();
    }

    private static SampleEvent published() {
        SampleEvent event = bridge.newEvent();
        assertThat(bridge.post(event).outcome()).isEqualTo("200 processed");
        return event;
    }

    private void awaitKept(int notifications) {
        await().atMost(TOLD).until(() -> bridge.metric(PENDING) == notifications);
    }

    private void awaitTold(SampleEvent event) {
        await().atMost(TOLD).until(() -> bridge.dataLake().timesNotified(event.id()) == 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 503, 408, 429})
    void aStatusThatPassesIsWaitedFor(int status) {
        // Given
        bridge.dataLake().trouble().always(status);
        SampleEvent event = published();
        awaitKept(1);

        // When
        bridge.dataLake().trouble().none();

        // Then
        awaitTold(event);
        awaitKept(0);
        assertThat(bridge.manage("/ops/dead-letters").body()).isEqualTo("[]");
    }

    @Test
    void aDataLakeThatHangsIsToldOnceItAnswers() {
        // Given
        bridge.dataLake().trouble().alwaysHang();
        SampleEvent event = published();
        awaitKept(1);

        // When
        bridge.dataLake().trouble().none();
        bridge.dataLake().releaseHanging();

        // Then
        await().atMost(TOLD).until(() -> bridge.dataLake().timesNotified(event.id()) >= 1);
        awaitKept(0);
    }

    @Test
    void itIsToldAfterARestartOfWhatItMissedBefore() {
        // Given
        bridge.dataLake().goAway();
        List<SampleEvent> events = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            events.add(published());
        }
        awaitKept(10);

        // When
        bridge.restart();
        assertThat(bridge.metric(PENDING)).isEqualTo(10);
        bridge.dataLake().comeBack();

        // Then
        events.forEach(this::awaitTold);
        awaitKept(0);
    }

    @Test
    void whatWaitedInMemoryWhenTheBridgeStoppedIsToldAfterwards() {
        // Given
        bridge.dataLake().trouble().alwaysHang();
        List<SampleEvent> events = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            events.add(published());
        }

        // When
        bridge.stop();
        bridge.dataLake().trouble().none();
        bridge.dataLake().releaseHanging();
        bridge.start();

        // Then
        events.forEach(event -> await().atMost(TOLD).until(() -> bridge.dataLake().timesNotified(event.id()) >= 1));
    }

    /** The time-out is of the whole exchange (contract, section 5). */
    @Test
    void aDataLakeThatSendsAHeadAndNoMoreIsToldOnceItIsWell() {
        // Given
        bridge.dataLake().trouble().alwaysHeadOnly();
        List<SampleEvent> events = Stream.generate(DataLakeOutagesRouteTest::published).limit(40).toList();

        // When
        awaitKept(40);
        bridge.dataLake().trouble().none();

        // Then
        events.forEach(event -> await().atMost(TOLD).until(() -> bridge.dataLake().timesNotified(event.id()) >= 1));
        awaitKept(0);
    }

    @Test
    void anAnswerWithoutAnEndIsNoneAndItIsToldOnceItIsWell() {
        // Given
        bridge.dataLake().trouble().alwaysEndless();
        SampleEvent event = published();

        // When
        awaitKept(1);
        String health = bridge.manage("/observe/health").body();
        bridge.dataLake().trouble().none();

        // Then
        assertThat(health).contains("over 65536 bytes");
        await().atMost(TOLD).until(() -> bridge.dataLake().timesNotified(event.id()) >= 1);
        awaitKept(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag(SharedBridge.LAST)
    void whatIsUnderWayToItWhenTheBridgeStopsIsKept(boolean headOnly) {
        // Given
        bridge.stop();
        bridge.with("bridge.datalake.timeout", "60s").start();
        if (headOnly) {
            bridge.dataLake().trouble().alwaysHeadOnly();
        } else {
            bridge.dataLake().trouble().alwaysHang();
        }
        List<SampleEvent> events = Stream.generate(DataLakeOutagesRouteTest::published).limit(20).toList();

        // When
        bridge.stop();
        bridge.dataLake().trouble().none();
        bridge.start();

        // Then
        events.forEach(event -> await().atMost(TOLD).until(() -> bridge.dataLake().timesNotified(event.id()) >= 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 410})
    void aRefusalIsADeadLetterAndItsReplayTellsTheDataLake(int status) {
        // Given
        bridge.dataLake().trouble().always(status);
        SampleEvent event = published();
        String id = "datalake-" + event.id();
        await().atMost(TOLD).until(() -> bridge.deadLetters(id).size() == 1);
        JsonNode letter = bridge.deadLetters(id).get(0);

        // When
        bridge.dataLake().trouble().none();
        Reply reply = bridge.send(bridge.operation("/ops/dead-letters/" + id + "/replay")
                .POST(BodyPublishers.noBody()));

        // Then
        assertThat(letter.path("reason").asText()).isEqualTo("datalake");
        assertThat(letter.path("eventId").asText()).isEqualTo(event.id());
        assertThat(letter.at("/event/source").asText()).isEqualTo("eventbridge-bridge");
        assertThat(reply.status()).isEqualTo(202);
        awaitTold(event);
        awaitKept(0);
        assertThat(bridge.deadLetters(id)).isEmpty();
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
    }

    @Test
    void aKeptNotificationThatIsRefusedLaterIsADeadLetterToo() {
        // Given
        bridge.dataLake().trouble().always(503);
        SampleEvent event = published();
        awaitKept(1);

        // When
        bridge.dataLake().trouble().always(403);

        // Then
        await().atMost(TOLD).until(() -> bridge.deadLetters("datalake-" + event.id()).size() == 1);
        awaitKept(0);
    }

    @Test
    void noReplyWaitsForIt() {
        // Given
        published();
        bridge.dataLake().trouble().alwaysHang();
        Instant began = Instant.now();

        // When
        for (int i = 0; i < 50; i++) {
            published();
        }

        // Then
        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(5));
        bridge.dataLake().trouble().none();
        bridge.dataLake().releaseHanging();
    }
}
