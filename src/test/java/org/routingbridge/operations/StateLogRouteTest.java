package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.LoggedLines;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** The application log speaks at each change of state, and not once an event. */
class StateLogRouteTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final BridgeUnderTest bridge = new BridgeUnderTest();
    private LoggedLines lines;

    @BeforeEach
    void listen() {
        lines = new LoggedLines();
    }

    @AfterEach
    void close() {
        try {
            bridge.close();
        } finally {
            lines.close();
        }
    }

    private List<String> lines(String part) {
        return lines.all().stream().filter(line -> line.contains(part)).toList();
    }

    private String awaitLine(String part) {
        await(part).atMost(PATIENCE).until(() -> !lines(part).isEmpty());
        return lines(part).get(0);
    }

    private void post(int events, String outcome) {
        for (int i = 0; i < events; i++) {
            assertThat(bridge.post(bridge.newEvent().with("/retryDirective/maxAttempts", 1)).outcome())
                    .isEqualTo(outcome);
        }
    }

    private JsonNode health() {
        return bridge.manage("/observe/health/ready").json().path("checks").findParents("name").stream()
                .filter(found -> found.path("name").asText().equals("bridge")).findFirst().orElseThrow().path("data");
    }

    @Test
    void anOutageOfEventBridgeIsALineAtItsBeginningAndOneAtItsEndWithHowManyWaited() {
        // Given
        bridge.start();
        bridge.bus().goAway();

        // When
        post(12, "202 queued");

        // Then
        assertThat(awaitLine("EventBridge is away")).startsWith("WARN ").contains(" reason=Connection: ");
        bridge.bus().comeBack();
        assertThat(awaitLine("EventBridge is back")).startsWith("INFO ").containsPattern(" seconds=\\d+ waited=12 ");
        assertThat(lines("EventBridge is")).hasSize(2);
        assertThat(lines("misconfigured")).isEmpty();
    }

    @Test
    void aMisconfigurationIsToldWithEventBridgesOwnReason() {
        // Given
        bridge.start();
        bridge.bus().faults().always(Fault.ACCESS_DENIED);

        // When
        post(5, "202 queued");

        // Then
        assertThat(awaitLine("EventBridge is misconfigured")).startsWith("ERROR ")
                .endsWith(" reason=AccessDeniedException: User is not authorized to perform: events:PutEvents");
        bridge.bus().faults().none();
        assertThat(awaitLine("EventBridge is configured well again")).startsWith("INFO ");
        assertThat(lines("EventBridge is")).hasSize(2);
    }

    @Test
    void whereNothingWaitsThatWouldShowThatItIsMendedTheBridgeIsReadyForWhatDoes() {
        // Given
        bridge.with("bridge.outbox.max.age", "1s").start();
        bridge.bus().faults().always(Fault.ACCESS_DENIED);

        // When
        post(1, "202 queued");

        // Then
        assertThat(awaitLine("EventBridge is misconfigured")).startsWith("ERROR ");
        assertThat(bridge.readiness().status()).isEqualTo(503);
        await().atMost(Duration.ofSeconds(10)).until(() -> bridge.pending() == 0);
        await("a bridge that gets events again").atMost(Duration.ofSeconds(10)).untilAsserted(() ->
                assertThat(bridge.readiness().status()).as(bridge.readiness().body()).isEqualTo(200));
        assertThat(awaitLine("Nothing waits here that would show")).startsWith("INFO ");
        assertThat(bridge.manage("/observe/health").body())
                .contains("was misconfigured, and the next event shows whether it still is: AccessDeniedException");

        // When
        post(1, "202 queued");

        // Then
        assertThat(bridge.readiness().status()).isEqualTo(503);
        assertThat(awaitLine("EventBridge is still misconfigured")).startsWith("ERROR ").contains("AccessDenied");
        await().atMost(Duration.ofSeconds(10)).until(() -> bridge.pending() == 0);
        await("twice as long as before").during(Duration.ofSeconds(5)).atMost(Duration.ofSeconds(9))
                .until(() -> bridge.readiness().status() == 503);
        await().atMost(Duration.ofSeconds(10)).until(() -> bridge.readiness().status() == 200);

        // When
        bridge.bus().faults().none();
        post(1, "200 processed");

        // Then
        assertThat(awaitLine("EventBridge is configured well again")).startsWith("INFO ");
        assertThat(bridge.manage("/observe/health").body()).doesNotContain("misconfigured");
    }

    @Test
    void whatAStrangerInEventBridgesPlaceSaysIsNeverMoreThanOneLine() {
        // Given
        bridge.start();
        bridge.bus().strangerAnswers(400, "application/x-amz-json-1.1",
                "{\"__type\":\"AccessDeniedException\","
                        + "\"message\":\"no\\n2026-01-01 ERROR forged\\u001b[2J\\u202eline\"}");

        // When
        post(1, "202 queued");

        // Then
        assertThat(awaitLine("EventBridge is misconfigured")).contains(" reason=AccessDeniedException: no 2026")
                .doesNotContainPattern("[\\p{Cntrl}\\p{Cf}]");
        bridge.bus().noStranger();
    }

    @Test
    void throttlingIsToldWhenTheLimitFallsAndWhenItIsBackAtItsMost() {
        // Given
        bridge.with("bridge.eventbridge.concurrency", 4).start();
        bridge.bus().faults().next(3, Fault.THROTTLE_REQUEST);

        // When
        post(1, "202 queued");

        // Then
        assertThat(awaitLine("EventBridge throttles;")).startsWith("WARN ").containsPattern(" calls=[1-3] most=4$");
        assertThat(awaitLine("EventBridge throttles no more")).startsWith("INFO ").contains(" calls=4 ");
        assertThat(lines("throttles")).hasSize(2);
    }

    @Test
    void theDataLakeIsToldToBeAwayAndBack() {
        // Given
        bridge.start();
        assertThat(health().path("datalake").asText()).isEqualTo("not tried yet");
        bridge.dataLake().goAway();

        // When
        post(7, "200 processed");

        // Then
        // closed where it was being accepted when the simulator went away
        assertThat(awaitLine("The data lake is away")).startsWith("WARN ")
                .containsPattern(" reason=(http://\\S+ )?the connection was (refused|closed without an answer)$");
        assertThat(health().path("datalake").asText()).startsWith("out of reach: ").contains("the connection was ");
        bridge.dataLake().comeBack();
        assertThat(awaitLine("The data lake is back")).startsWith("INFO ").contains(" waiting=");
        assertThat(lines("The data lake")).hasSize(2);
        assertThat(health().path("datalake").asText()).isEqualTo("ok");
    }

    @Test
    void theOutboxTellsHowFullItIsAndThatItHasRoomAgain() {
        // Given
        bridge.with("bridge.outbox.max.bytes", 100_000).with("bridge.delivery.mode", "queued").start();
        bridge.bus().goAway();
        assertFillsTo(50);
        assertFillsTo(80);
        assertFillsTo(90);

        // When
        postUntil(reply -> reply.equals("503 overloaded"));

        // Then
        assertThat(awaitLine("The outbox is full")).startsWith("ERROR ").contains(" percent=100 ");
        assertThat(lines("The outbox fills")).hasSize(3).allMatch(line -> line.startsWith("WARN "));
        bridge.bus().comeBack();
        await().atMost(PATIENCE).until(() -> bridge.pending() == 0);
        await().atMost(PATIENCE).until(() -> !lines("The outbox has room again").isEmpty());
        assertThat(bridge.metric("bridge_outbox_bytes")).isLessThan(45_000);
    }

    private void assertFillsTo(int percent) {
        postUntil(reply -> bridge.metric("bridge_outbox_bytes") >= percent * 1_000);
        awaitLine("The outbox fills; full, it leaves events with their senders percent=" + percent + " ");
    }

    private void postUntil(Predicate<String> enough) {
        String reply;
        do {
            reply = bridge.post(bridge.newEvent()).outcome();
        } while (!enough.test(reply));
    }

    @Test
    void theFirstDeadLetterOfEachReasonIsTold() {
        // Given
        bridge.start();

        // When
        for (Fault fault : List.of(Fault.REFUSE_ENTRY, Fault.REFUSE_ENTRY, Fault.MALFORMED_ENTRY, Fault.REFUSE_ENTRY)) {
            SampleEvent event = bridge.newEvent();
            bridge.bus().faults().forEventId(event.id(), 1, fault);
            assertThat(bridge.post(event).outcome()).isEqualTo("202 dead_lettered");
        }
        bridge.dataLake().trouble().next(2, 410);
        post(2, "200 processed");

        // Then
        awaitLine("reason=datalake: status 410");
        await().until(() -> bridge.metric("bridge_dead_letters") == 6);
        assertThat(lines("There is a dead letter")).hasSize(3).allMatch(line -> line.startsWith("WARN "))
                .anyMatch(line -> line.endsWith("reason=NotAuthorizedForSourceException: Not authorized for the"
                        + " source."))
                .anyMatch(line -> line.endsWith("reason=MalformedDetail: Detail is malformed."))
                .anyMatch(line -> line.contains(" id=datalake-"));
    }

    @Test
    void tokenAndRegistrationAreToldWhenTheyChange() {
        // Given
        bridge.withRegistration().with("bridge.registration.period", "200ms");
        bridge.start();

        // When, Then
        assertThat(awaitLine("CXone gave an access token")).startsWith("INFO ");
        assertThat(awaitLine("CXone has registered the webhook")).startsWith("INFO ")
                .contains(" name=routing-event-bridge id=");
        awaitLine("CXone has the webhook as it should be");
        assertThat(health().path("token").asText()).isEqualTo("ok");
        String id = bridge.cxone().webhooks().keySet().iterator().next();
        bridge.cxone().changeWebhook(id, bridge.cxone().webhooks().get(id).deepCopy()
                .put("targetUrl", "https://elsewhere.example.com"));
        assertThat(awaitLine("changed=[targetUrl]")).contains("CXone has updated the webhook's registration ")
                .endsWith(" id=" + id);
        bridge.cxone().clearRequests();
        await().atMost(PATIENCE).until(() -> bridge.cxone().webhookRequests("GET") > 5);
        assertThat(lines("WebhookRegistration")).hasSize(3);
        assertThat(lines("AccessToken")).hasSize(1);
    }

    @Test
    void aTokenThatIsNotGivenIsToldOnceAndWhenItIsGivenAgain() {
        // Given
        bridge.withRegistration().with("bridge.registration.period", "200ms");
        bridge.cxone().tokenTrouble().always(401);

        // When
        bridge.start();

        // Then
        assertThat(awaitLine("CXone gives no access token")).startsWith("WARN ").endsWith("answered with status 401");
        assertThat(health().path("token").asText()).startsWith("failed: http://");
        int asked = bridge.cxone().tokenRequests();
        await().atMost(PATIENCE).until(() -> bridge.cxone().tokenRequests() > asked + 3);
        bridge.cxone().tokenTrouble().none();
        assertThat(awaitLine("CXone gives access tokens again")).startsWith("INFO ");
        assertThat(lines("CXone gives no access token")).hasSize(1);
        assertThat(lines("could not be checked")).hasSize(1);
    }

    @Test
    void whatIsOffOrWasNeverTriedIsSaidToBeSo() {
        // Given
        bridge.without("bridge.datalake.url");
        bridge.bus().describeFaults().always(Fault.ACCESS_DENIED);

        // When
        bridge.start();

        // Then
        assertThat(health().path("eventbridge").asText()).isEqualTo("not tried yet");
        assertThat(health().path("datalake").asText()).isEqualTo("off");
        assertThat(health().path("token").asText()).isEqualTo("off");
        assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("200 processed");
        assertThat(health().path("eventbridge").asText()).isEqualTo("reachable");
    }
}
