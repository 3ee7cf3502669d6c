package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.LoggedLines;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** What the data lake is told, and that its moods never reach a sender (contract, section 5). */
class NotifyDataLakeRouteTest {

    private static final String AUTHORIZATION = "Bearer of the data lake";

    /** Signed as by a cloud's store; some of its parameters are called as Camel's own are. */
    private static final String ADDRESS = "/routing-events/s%2Fecret?se=2027-01-01T00%3A00%3A00Z&sig=a%2Bb%2F+c%3D%3D"
            + "&httpMethod=GET&connectTimeout=7&amount=%7B%7Bbridge.port%7D%7D";

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest();
        bridge.with("bridge.datalake.authorization", AUTHORIZATION)
                .with("bridge.datalake.url", bridge.dataLake().endpoint() + ADDRESS)
                .with("bridge.datalake.timeout", "500ms").start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
    }

    private static void awaitNotified(SampleEvent event, int times) {
        await().untilAsserted(() -> assertThat(bridge.dataLake().timesNotified(event.id())).isEqualTo(times));
    }

    @Test
    void aPublishedEventIsToldWithItsRoutingContext() {
        // Given
        SampleEvent event = bridge.newEvent();
        Instant before = Instant.now();

        // When
        bridge.post(event);

        // Then
        awaitNotified(event, 1);
        JsonNode told = bridge.dataLake().notifications().get(0);
        assertThat(told.properties().stream().map(Map.Entry::getKey)).containsExactlyInAnyOrder("source", "eventType",
                "eventId", "publishedAt", "latencyMs", "routingAttributes");
        assertThat(told.path("source").asText()).isEqualTo("eventbridge-bridge");
        assertThat(told.path("eventType").asText()).isEqualTo(event.eventType());
        assertThat(Instant.parse(told.path("publishedAt").asText()))
                .isBetween(before.minusMillis(1), Instant.now());
        assertThat(told.path("latencyMs").isIntegralNumber()).isTrue();
        assertThat(told.path("routingAttributes").toString())
                .isEqualTo(event.tree().path("routingContext").toString());
    }

    @Test
    void numbersAreToldAsTheyCame() throws Exception {
        // Given
        SampleEvent event = bridge.newEvent();
        String body = event.json().replace("\"routingContext\":{",
                "\"routingContext\":{\"exact\":12345678901234567890.12345678901234567890,\"tiny\":0.1,");

        // When
        bridge.post(body);

        // Then
        awaitNotified(event, 1);
        assertThat(bridge.dataLake().requests().get(0).body()).contains("12345678901234567890.12345678901234567890");
    }

    @Test
    void theRequestIsAPostOfJsonWithTheAuthorization() {
        // Given
        SampleEvent event = bridge.newEvent();

        // When
        bridge.post(event);

        // Then
        awaitNotified(event, 1);
        assertThat(bridge.dataLake().requests()).singleElement().satisfies(request -> {
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.path() + "?" + request.query()).isEqualTo(ADDRESS);
            assertThat(request.header("Authorization")).contains(AUTHORIZATION);
            assertThat(request.header("Content-Type")).hasValueSatisfying(
                    type -> assertThat(type).startsWith("application/json"));
        });
    }

    @Test
    void duplicatesAndRefusedEventsAreNotTold() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.post(event);
        awaitNotified(event, 1);

        // When
        bridge.post(event);
        bridge.post(bridge.newEvent().without("timestamp"));

        // Then
        await().during(Duration.ofMillis(300)).untilAsserted(() ->
                assertThat(bridge.dataLake().requests()).hasSize(1));
    }

    @Test
    void anEventPublishedAtTheSecondAttemptIsToldOnceWithThatAttemptsLatency() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().next(Fault.THROTTLE_ENTRY);

        // When
        bridge.post(event);

        // Then
        awaitNotified(event, 1);
        List<JsonNode> audit = bridge.auditLines(event.id());
        assertThat(bridge.dataLake().notifications().get(0).path("latencyMs"))
                .isEqualTo(audit.get(audit.size() - 1).path("latencyMs"));
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 408, 429})
    void whatMayPassIsTriedAgain(int status) {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.dataLake().trouble().next(1, status);

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        awaitNotified(event, 1);
        assertThat(bridge.dataLake().requests()).hasSize(2);
    }

    @Test
    void theBackoffGrows() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.dataLake().trouble().next(2, 503);

        // When
        bridge.post(event);

        // Then
        awaitNotified(event, 1);
        List<Instant> times = bridge.dataLake().requests().stream().map(request -> request.at()).toList();
        assertThat(times).hasSize(3);
        assertThat(Duration.between(times.get(1), times.get(2)))
                .isGreaterThan(Duration.between(times.get(0), times.get(1)));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 410, 413, 422})
    void whatIsFinalIsADeadLetterAndNotTriedAgain(int status) {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.dataLake().trouble().next(1, status);

        // When
        bridge.post(event);

        // Then
        await().untilAsserted(() -> assertThat(bridge.dataLake().requests()).hasSize(1));
        await().untilAsserted(() -> assertThat(bridge.deadLetters("datalake-" + event.id())).singleElement()
                .satisfies(letter -> {
                    assertThat(letter.path("eventId").asText()).isEqualTo(event.id());
                    assertThat(letter.path("reason").asText()).startsWith("datalake");
                    assertThat(letter.path("attempts").asInt()).isEqualTo(1);
                }));
        assertThat(bridge.deadLetters(event.id())).isEmpty();
        await().during(Duration.ofMillis(900)).untilAsserted(() ->
                assertThat(bridge.dataLake().requests()).hasSize(1));
        assertThat(bridge.metric("bridge_datalake_pending")).isZero();
    }

    /** Its path and its query may be secrets. */
    @Test
    void nothingButTheOriginOfItsAddressIsToldWhateverItAnswers() {
        // Given
        List<SampleEvent> events = new ArrayList<>();

        // When
        try (LoggedLines lines = new LoggedLines()) {
            for (int status : new int[] {302, 401, 404, 410, 500}) {
                SampleEvent event = bridge.newEvent();
                events.add(event);
                bridge.dataLake().trouble().next(1, status);
                bridge.post(event);
            }
            bridge.dataLake().trouble().nextReset(1);
            bridge.post(bridge.newEvent());
            await().untilAsserted(() -> assertThat(events.subList(0, 4)).allSatisfy(event ->
                    assertThat(bridge.deadLetters("datalake-" + event.id())).hasSize(1)));

            // Then
            assertThat(lines.all()).noneMatch(line -> line.contains("sig=") || line.contains("ecret?"));
        }
        assertThat(bridge.manage("/ops/dead-letters").body()).doesNotContain("sig=");
        assertThat(bridge.manage("/observe/health").body()).doesNotContain("sig=");
    }

    @Test
    void aResetConnectionIsTriedAgain() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.dataLake().trouble().nextReset(1);

        // When
        bridge.post(event);

        // Then
        awaitNotified(event, 1);
    }

    @Test
    void aHangingDataLakeIsGivenUpAfterItsTimeoutAndTriedAgain() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.dataLake().trouble().nextHang(1);

        // When
        bridge.post(event);

        // Then
        awaitNotified(event, 1);
        List<Instant> times = bridge.dataLake().requests().stream().map(request -> request.at()).toList();
        assertThat(times).hasSize(2);
        assertThat(Duration.between(times.get(0), times.get(1))).isGreaterThan(Duration.ofMillis(500));
    }

    @Test
    void aHangingDataLakeNeverDelaysAReply() {
        // Given
        bridge.dataLake().trouble().alwaysHang();
        List<SampleEvent> events = IntStream.range(0, 30).mapToObj(i -> bridge.newEvent()).toList();
        long began = System.nanoTime();

        // When
        List<String> outcomes = events.stream().map(bridge::post).map(Reply::outcome).toList();

        // Then
        assertThat(outcomes).containsOnly("200 processed");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
        bridge.dataLake().trouble().none();
        bridge.dataLake().releaseHanging();
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> events.forEach(event ->
                assertThat(bridge.dataLake().timesNotified(event.id())).isPositive()));
    }

    @Test
    void aDataLakeThatIsAwayIsToldWhenItComesBack() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.dataLake().goAway();
        Reply reply = bridge.post(event);
        await().untilAsserted(() -> assertThat(bridge.metric("bridge_datalake_pending")).isEqualTo(1));
        assertThat(bridge.readiness().status()).isEqualTo(200);

        // When
        bridge.dataLake().comeBack();

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        awaitNotified(event, 1);
        await().untilAsserted(() -> assertThat(bridge.metric("bridge_datalake_pending")).isZero());
    }

    @Test
    void whatTheDataLakeHasNotTakenIsToldByTheNextProcess() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.dataLake().goAway();
        bridge.post(event);
        await().untilAsserted(() -> assertThat(bridge.metric("bridge_datalake_pending")).isEqualTo(1));

        // When
        bridge.restart();
        bridge.dataLake().comeBack();

        // Then
        awaitNotified(event, 1);
        await().untilAsserted(() -> assertThat(bridge.metric("bridge_datalake_pending")).isZero());
    }

    @Test
    void anEventFromTheOutboxIsToldOnceItIsOnTheBus() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().always(Fault.SERVER_ERROR);
        Reply reply = bridge.post(event);
        assertThat(bridge.dataLake().requests()).isEmpty();

        // When
        bridge.bus().faults().none();

        // Then
        assertThat(reply.outcome()).isEqualTo("202 queued");
        awaitNotified(event, 1);
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
    }

    @Test
    void theAnswerOfTheDataLakeNeverReachesTheSender() throws Exception {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.dataLake().trouble().next(1, 404);

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(new JsonMapper().readTree(reply.body()).path("status").asText()).isEqualTo("processed");
    }
}
