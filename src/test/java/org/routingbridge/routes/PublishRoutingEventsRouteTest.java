package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.PutCall;
import org.routingbridge.simulator.SampleEvent;

/**
 * What EventBridge can say to an event, and what then the sender, the bus, the data lake and the audit log get to see
 * (contract, section 4).
 */
class PublishRoutingEventsRouteTest {

    private static final Duration TIMEOUT = Duration.ofMillis(400);

    private static SampleEvent directed(SampleEvent event, int maxAttempts, int backoffMillis) {
        return event.with("/retryDirective/maxAttempts", maxAttempts).with("/retryDirective/backoffMs", backoffMillis);
    }

    private static List<Long> gapsInMillis(List<PutCall> calls) {
        return IntStream.range(1, calls.size())
                .mapToObj(i -> (calls.get(i).nanoTime() - calls.get(i - 1).nanoTime()) / 1_000_000).toList();
    }

    private static List<CompletableFuture<Reply>> postAll(BridgeUnderTest bridge, List<SampleEvent> events) {
        return events.stream().map(event -> bridge.postAsync(event.json())).toList();
    }

    private static List<String> outcomes(List<CompletableFuture<Reply>> replies) {
        return replies.stream().map(CompletableFuture::join).map(Reply::outcome).toList();
    }

    private static List<SampleEvent> events(BridgeUnderTest bridge, int count) {
        return IntStream.range(0, count).mapToObj(i -> bridge.newEvent()).toList();
    }

    /** From the outbox, after its own time, and from there never again. */
    private static void assertDrainedOnto(BridgeUnderTest bridge, SampleEvent event) {
        await().untilAsserted(() -> assertThat(bridge.pending()).isZero());
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
        assertThat(bridge.auditStatuses(event.id())).filteredOn(status -> !status.equals("FAILURE"))
                .containsExactlyInAnyOrder("QUEUED", "SUCCESS");
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
    }

    private static void assertListedAsDead(BridgeUnderTest bridge, SampleEvent event, int attempts) {
        assertThat(bridge.deadLetters(event.id())).singleElement().satisfies(letter -> {
            assertThat(letter.path("eventId").asText()).isEqualTo(event.id());
            assertThat(letter.path("attempts").asInt()).isEqualTo(attempts);
            assertThat(letter.path("reason").asText()).isNotBlank();
            assertThat(letter.path("event")).isEqualTo(json(event.json()));
        });
        assertThat(bridge.bus().timesDelivered(event.id())).isZero();
        assertThat(bridge.pending()).isZero();
    }

    private static JsonNode json(String text) {
        try {
            return new JsonMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode check(Reply readiness) {
        for (JsonNode check : readiness.json().path("checks")) {
            if (check.path("name").asText().equals("bridge")) {
                return check;
            }
        }
        throw new AssertionError("no check of the bridge in " + readiness);
    }

    /** One event at a time. */
    @Nested
    class OneByOne {

        private static BridgeUnderTest bridge;

        @BeforeAll
        static void start() {
            bridge = new BridgeUnderTest().with("bridge.eventbridge.timeout", TIMEOUT.toMillis() + "ms").start();
        }

        @AfterAll
        static void close() {
            bridge.close();
        }

        @BeforeEach
        void calm() {
            bridge.calm();
        }

        private void assertNotified(SampleEvent event, int times) {
            await().during(Duration.ofMillis(times == 0 ? 200 : 0))
                    .untilAsserted(() -> assertThat(bridge.dataLake().timesNotified(event.id())).isEqualTo(times));
        }

        @ParameterizedTest
        @EnumSource(names = {"THROTTLE_ENTRY", "INTERNAL_FAILURE_ENTRY", "INTERNAL_EXCEPTION_ENTRY",
            "SERVICE_UNAVAILABLE_ENTRY", "THROTTLE_REQUEST", "SERVER_ERROR", "UNAVAILABLE", "HANG", "RESET_BEFORE"})
        void whatMayPassIsTriedAgain(Fault fault) {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.bus().faults().forEventId(event.id(), 1, fault);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(bridge.bus().calls()).hasSize(2);
            assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
            assertThat(bridge.auditStatuses(event.id())).containsExactly("FAILURE", "SUCCESS");
            assertThat(bridge.auditLines(event.id()).get(0).path("error").asText()).isNotBlank();
            assertThat(bridge.auditLines(event.id()).stream().map(line -> line.path("attempt").asInt()))
                    .containsExactly(1, 2);
            assertNotified(event, 1);
        }

        @ParameterizedTest
        @EnumSource(names = {"THROTTLE_ENTRY", "SERVICE_UNAVAILABLE_ENTRY", "THROTTLE_REQUEST", "SERVER_ERROR",
            "UNAVAILABLE", "HANG", "RESET_BEFORE"})
        void whatDoesNotPassIsTriedAsOftenAsTheEventDirectsAndThenFromTheOutboxUntilItIsOnTheBus(Fault fault) {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 3, 100);
            bridge.bus().faults().always(fault);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("202 queued");
            assertThat(reply.json().path("eventId").asText()).isEqualTo(event.id());
            assertThat(reply.body()).doesNotContain("Exception", "Rate exceeded");
            assertThat(bridge.pending()).isEqualTo(1);
            List<String> statuses = bridge.auditStatuses(event.id());
            assertThat(statuses).startsWith("FAILURE", "FAILURE", "FAILURE").contains("QUEUED")
                    .doesNotContain("SUCCESS");
            assertThat(gapsInMillis(bridge.bus().calls()).get(0)).isGreaterThanOrEqualTo(75);
            assertThat(gapsInMillis(bridge.bus().calls()).get(1)).isGreaterThanOrEqualTo(155);
            assertNotified(event, 0);
            bridge.bus().faults().none();
            assertDrainedOnto(bridge, event);
            List<Integer> attempts = bridge.auditLines(event.id()).stream().filter(line -> line.has("attempt"))
                    .map(line -> line.path("attempt").asInt()).toList();
            assertThat(attempts).hasSizeGreaterThan(3)
                    .isEqualTo(IntStream.rangeClosed(1, attempts.size()).boxed().toList());
            assertNotified(event, 1);
        }

        @ParameterizedTest
        @EnumSource(names = {"INTERNAL_FAILURE_ENTRY", "INTERNAL_EXCEPTION_ENTRY"})
        void anEntryThatFailsAloneAtAllItsAttemptsIsADeadLetter(Fault fault) {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 3, 100);
            bridge.bus().faults().forEventId(event.id(), 9, fault);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("202 dead_lettered");
            assertThat(bridge.bus().calls()).hasSize(3);
            assertThat(bridge.auditStatuses(event.id()))
                    .containsExactly("FAILURE", "FAILURE", "FAILURE", "DEAD_LETTERED");
            assertListedAsDead(bridge, event, 3);
            assertNotified(event, 0);
        }

        @Test
        void whatIsInTheOutboxIsADuplicateWhenSentAgain() {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.bus().faults().always(Fault.SERVER_ERROR);
            bridge.post(event);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 duplicate_skipped");
            bridge.bus().faults().none();
            await().untilAsserted(() -> assertThat(bridge.pending()).isZero());
            assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
            assertNotified(event, 1);
        }

        @Test
        void whileEventBridgeIsAwayNewEventsGoToTheOutboxWithoutAnAttempt() {
            // Given
            bridge.bus().faults().always(Fault.SERVER_ERROR);
            SampleEvent first = bridge.newEvent();
            bridge.post(first);
            List<SampleEvent> others = events(bridge, 5);

            // When
            List<String> outcomes = others.stream().map(bridge::post).map(Reply::outcome).toList();

            // Then
            assertThat(outcomes).containsOnly("202 queued");
            assertThat(bridge.pending()).isEqualTo(6);
            // one probe at a time, and that is the first event's turn
            assertThat(others).filteredOn(event -> bridge.auditStatuses(event.id()).get(0).equals("QUEUED"))
                    .hasSizeGreaterThanOrEqualTo(4);
            bridge.bus().faults().none();
            assertDrainedOnto(bridge, first);
            others.forEach(event -> assertDrainedOnto(bridge, event));
        }

        @Test
        void eventsOfAKeyFollowThoseOfItThatWaitInTheOutbox() {
            // Given
            SampleEvent first = directed(bridge.newEvent(), 1, 100);
            SampleEvent second = bridge.newEvent().with("/routingContext/queueId", first.queueId());
            bridge.bus().faults().forEventId(first.id(), 4, Fault.THROTTLE_ENTRY);
            bridge.post(first);

            // When
            List<String> outcomes = Stream.of(second, bridge.newEvent()).map(bridge::post).map(Reply::outcome).toList();

            // Then
            assertThat(outcomes).containsExactly("202 queued", "200 processed");
            assertDrainedOnto(bridge, first);
            assertDrainedOnto(bridge, second);
            assertThat(bridge.bus().delivered()).extracting(entry -> json(entry.detail()).path("id").asText())
                    .containsSubsequence(first.id(), second.id());
        }

        @Test
        void oneAttemptIsAllWhereTheEventDirectsOne() {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 1, 100);
            bridge.bus().faults().always(Fault.SERVER_ERROR);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("202 queued");
            assertThat(bridge.auditStatuses(event.id())).startsWith("FAILURE", "QUEUED");
        }

        @Test
        void thePauseGrowsByTheBackoffWithEveryAttempt() {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 4, 200);
            bridge.bus().faults().always(Fault.THROTTLE_ENTRY);

            // When
            bridge.post(event);

            // Then
            List<Long> gaps = gapsInMillis(bridge.bus().calls());
            assertThat(gaps).hasSizeGreaterThanOrEqualTo(3);
            assertThat(gaps.get(0)).isBetween(155L, 400L);
            assertThat(gaps.get(1)).isBetween(315L, 640L);
            assertThat(gaps.get(2)).isBetween(475L, 880L);
        }

        @Test
        void noPauseGoesBeyondTheReplyBudget() {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 10, 300);
            bridge.bus().faults().always(Fault.THROTTLE_ENTRY);
            long began = System.nanoTime();

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("202 queued");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(2500));
            // 300 + 600 = 900 ms of pauses, with 900 more 1800 ms; chance takes or adds a fifth
            assertThat(bridge.auditStatuses(event.id()).indexOf("QUEUED")).isBetween(3, 4);
            bridge.bus().faults().none();
            assertDrainedOnto(bridge, event);
        }

        @Test
        void aDirectiveThatSaysNothingMeansASecond() {
            // Given
            SampleEvent event = bridge.newEvent().with("retryDirective", Map.of());
            bridge.bus().faults().next(Fault.THROTTLE_ENTRY);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(gapsInMillis(bridge.bus().calls())).singleElement()
                    .satisfies(gap -> assertThat(gap).isBetween(795L, 1500L));
        }

        @Test
        void whatWasTakenBeforeTheConnectionBrokeIsSentAgainWithTheSameToken() throws Exception {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.bus().faults().next(Fault.RESET_AFTER);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(2);
            List<String> tokens = new ArrayList<>();
            for (var entry : bridge.bus().delivered()) {
                tokens.add(new JsonMapper().readTree(entry.detail()).at("/bridge/idempotencyToken").asText());
            }
            assertThat(tokens).containsOnly(reply.json().path("idempotencyToken").asText());
            assertNotified(event, 1);
        }

        @ParameterizedTest
        @EnumSource(names = {"REFUSE_ENTRY", "MALFORMED_ENTRY", "REFUSE_REQUEST", "TOO_LARGE_REQUEST"})
        void whatIsRefusedForGoodIsADeadLetterAtOnce(Fault fault) {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 5, 100);
            bridge.bus().faults().forEventId(event.id(), 10, fault);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("202 dead_lettered");
            assertThat(bridge.bus().calls()).hasSize(1);
            assertThat(bridge.auditStatuses(event.id())).containsExactly("FAILURE", "DEAD_LETTERED");
            assertListedAsDead(bridge, event, 1);
            assertNotified(event, 0);
            assertThat(bridge.post(event).outcome()).isEqualTo("200 duplicate_skipped");
        }

        @ParameterizedTest
        @EnumSource(names = {"ACCESS_DENIED", "EXPIRED_TOKEN", "INVALID_SIGNATURE"})
        void whatIsAMatterOfConfigurationWaitsInTheOutboxAndMakesTheBridgeNotReady(Fault fault) {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 5, 100);
            bridge.bus().faults().always(fault);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("202 queued");
            assertThat(bridge.auditStatuses(event.id())).startsWith("FAILURE", "QUEUED");
            Reply readiness = bridge.readiness();
            assertThat(readiness.status()).isEqualTo(503);
            assertThat(check(readiness).path("status").asText()).isEqualTo("DOWN");
            assertThat(check(readiness).at("/data/reason").asText()).contains("Exception:");
            assertThat(bridge.manage("/observe/health/live").status()).isEqualTo(200);
            assertNotified(event, 0);
            bridge.bus().faults().none();
            assertDrainedOnto(bridge, event);
            assertNotified(event, 1);
        }

        @ParameterizedTest
        @ValueSource(strings = {
            "{\"FailedEntryCount\":1,\"Entries\":[{}]}",
            "{\"FailedEntryCount\":0,\"Entries\":[null]}",
            "{\"FailedEntryCount\":0,\"Entries\":[{\"EventId\":\"\"}]}",
            "{\"FailedEntryCount\":0,\"Entries\":[{\"EventId\":\"1\",\"ErrorCode\":\"MalformedDetail\"}]}",
            "{\"FailedEntryCount\":0,\"Entries\":[{\"EventId\":\"1\"},{\"EventId\":\"2\"}]}",
            "{\"FailedEntryCount\":0,\"Entries\":[]}", "{\"FailedEntryCount\":0}", "{}", "[]", "null",
            "{\"FailedEntryCount\":0,\"Entries\":[{\"Event", "<html>Welcome</html>", ""})
        void anAnswerOf200ThatDoesNotTakeTheEventByAnIdIsFollowedByAnotherAttempt(String answer) {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.bus().strangerAnswers(200, "application/x-amz-json-1.1", answer);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("202 queued");
            assertThat(bridge.auditStatuses(event.id())).startsWith("FAILURE", "FAILURE").contains("QUEUED")
                    .doesNotContain("SUCCESS");
            assertThat(bridge.auditLines(event.id()).get(0).path("error").asText()).isNotBlank()
                    .doesNotContain("Exception", "software.amazon", "\n");
            assertNotified(event, 0);
            bridge.bus().noStranger();
            assertDrainedOnto(bridge, event);
        }

        @ParameterizedTest
        @ValueSource(ints = {302, 307, 400, 403, 404, 405, 407, 414, 421})
        void whatSomebodyElseThanEventBridgeRefusesWaitsInTheOutboxAndMakesTheBridgeNotReady(int status) {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 5, 100);
            bridge.bus().strangerAnswers(status, "text/html", "<html>no</html>");

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("202 queued");
            assertThat(bridge.auditStatuses(event.id())).startsWith("FAILURE", "QUEUED");
            Reply readiness = bridge.readiness();
            assertThat(readiness.status()).isEqualTo(503);
            assertThat(check(readiness).at("/data/reason").asText())
                    .contains("HTTP " + status, "not EventBridge that answered", "AWS_ENDPOINT_URL_EVENTBRIDGE");
            bridge.bus().noStranger();
            assertDrainedOnto(bridge, event);
            assertThat(bridge.readiness().status()).isEqualTo(200);
        }

        @Test
        void aProxysOwnTroubleIsTriedAgainAsEventBridgesIs() {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.bus().strangerAnswers(503, "text/html", "<html>no</html>");

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("202 queued");
            assertThat(bridge.auditStatuses(event.id())).startsWith("FAILURE", "FAILURE").contains("QUEUED");
            assertThat(bridge.readiness().status()).isEqualTo(200);
            bridge.bus().noStranger();
            assertDrainedOnto(bridge, event);
        }

        @Test
        void theBridgeIsReadyAgainOnceAnEventHasPassed() {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.bus().faults().next(Fault.ACCESS_DENIED);

            // When
            bridge.post(event);

            // Then
            assertDrainedOnto(bridge, event);
            assertThat(bridge.readiness().status()).isEqualTo(200);
            assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("200 processed");
        }

        @Test
        void eventBridgeOutOfReachLeavesTheBridgeReadyAndShowsAsADetail() {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.post(bridge.newEvent());
            bridge.bus().goAway();
            try {
                // When
                Reply reply = bridge.post(event);

                // Then
                assertThat(reply.outcome()).isEqualTo("202 queued");
                Reply readiness = bridge.readiness();
                assertThat(readiness.status()).isEqualTo(200);
                assertThat(check(readiness).at("/data/eventbridge").asText()).startsWith("Connection:");
            } finally {
                bridge.bus().comeBack();
            }
            assertDrainedOnto(bridge, event);
        }

        @Test
        void eventsGoStraightToTheBusAgainOnceEventBridgeIsBack() {
            // Given
            SampleEvent waiting = bridge.newEvent();
            bridge.bus().goAway();
            bridge.post(waiting);
            bridge.bus().comeBack();
            assertDrainedOnto(bridge, waiting);

            // When
            Reply reply = bridge.post(bridge.newEvent());

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(check(bridge.readiness()).at("/data/eventbridge").asText()).isEqualTo("reachable");
        }

        @Test
        void attemptsAreCountedByTheirResult() {
            // Given
            double successes = bridge.metric("bridge_publish_attempts_total{result=\"success\"}");
            double failures = bridge.metric("bridge_publish_attempts_total{result=\"failure\"}");
            bridge.bus().faults().next(Fault.THROTTLE_ENTRY);

            // When
            bridge.post(bridge.newEvent());

            // Then
            assertThat(bridge.metric("bridge_publish_attempts_total{result=\"success\"}")).isEqualTo(successes + 1);
            assertThat(bridge.metric("bridge_publish_attempts_total{result=\"failure\"}")).isEqualTo(failures + 1);
        }

        @Test
        void theMetricsThatDashboardsReadAreThere() {
            // Given
            bridge.post(bridge.newEvent());

            // When
            String metrics = bridge.metrics();

            // Then
            assertThat(metrics).contains("bridge_events_total{outcome=\"processed\"}",
                    "bridge_request_seconds_count{outcome=\"processed\"}", "bridge_publish_seconds_count",
                    "bridge_batch_entries_count", "bridge_publish_attempts_total{result=\"success\"}",
                    "bridge_inflight");
        }

        @Test
        void anAttemptThatLastedSaysSoInTheAuditLog() {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.bus().latency(Duration.ofMillis(150));

            // When
            bridge.post(event);

            // Then
            assertThat(bridge.auditLines(event.id()).get(0).path("latencyMs").asLong()).isBetween(150L, 399L);
        }
    }

    /** Several events that wait for the same sender. */
    @Nested
    class InCompany {

        private static BridgeUnderTest bridge;

        @BeforeAll
        static void start() {
            bridge = new BridgeUnderTest().with("bridge.eventbridge.concurrency", 1)
                    .with("bridge.delivery.reply.budget", "10s").start();
        }

        @AfterAll
        static void close() {
            bridge.close();
        }

        @BeforeEach
        void calm() {
            bridge.calm();
        }

        /** Occupies the one sender for as long as it takes the others to line up behind it. */
        private List<CompletableFuture<Reply>> postTogether(List<SampleEvent> events) {
            double inflightBefore = bridge.metric("bridge_inflight");
            bridge.bus().latency(Duration.ofMillis(700));
            CompletableFuture<Reply> occupying = bridge.postAsync(bridge.newEvent().json());
            await().pollInterval(Duration.ofMillis(10)).untilAsserted(() ->
                    assertThat(bridge.bus().calls()).hasSize(1));
            List<CompletableFuture<Reply>> replies = postAll(bridge, events);
            await().pollInterval(Duration.ofMillis(20)).untilAsserted(() ->
                    assertThat(bridge.metric("bridge_inflight")).isEqualTo(inflightBefore + 1 + events.size()));
            bridge.bus().latency(Duration.ZERO);
            assertThat(occupying.join().outcome()).isEqualTo("200 processed");
            return replies;
        }

        private List<PutCall> callsAfterTheOccupyingOne() {
            return bridge.bus().calls().subList(1, bridge.bus().calls().size());
        }

        @Test
        void whatWaitsTogetherLeavesInOneRequest() {
            // Given
            List<SampleEvent> events = events(bridge, 7);

            // When
            List<String> outcomes = outcomes(postTogether(events));

            // Then
            assertThat(outcomes).containsOnly("200 processed");
            assertThat(callsAfterTheOccupyingOne()).singleElement()
                    .satisfies(call -> assertThat(call.entries()).isEqualTo(7));
        }

        @Test
        void noRequestHasMoreThanTenEntries() {
            // Given
            List<SampleEvent> events = events(bridge, 25);

            // When
            List<String> outcomes = outcomes(postTogether(events));

            // Then
            assertThat(outcomes).containsOnly("200 processed");
            assertThat(callsAfterTheOccupyingOne().stream().map(PutCall::entries)).containsExactly(10, 10, 5);
        }

        @Test
        void theEntriesOfARequestTogetherKeepToTheLimitOfOne() {
            // Given
            List<SampleEvent> events = events(bridge, 5).stream()
                    .map(event -> event.with("/routingContext/filling", "x".repeat(100_000))).toList();

            // When
            List<String> outcomes = outcomes(postTogether(events));

            // Then
            assertThat(outcomes).containsOnly("200 processed");
            assertThat(callsAfterTheOccupyingOne().stream().map(PutCall::entries)).containsExactly(2, 2, 1);
            assertThat(callsAfterTheOccupyingOne()).allMatch(call -> call.bytes() <= 262_144);
        }

        @Test
        void everyEntrysOwnResultDecidesForItsOwnEvent() {
            // Given
            List<SampleEvent> events = events(bridge, 5);
            bridge.bus().faults().forEventId(events.get(1).id(), 1, Fault.THROTTLE_ENTRY);
            bridge.bus().faults().forEventId(events.get(3).id(), 9, Fault.REFUSE_ENTRY);

            // When
            List<String> outcomes = outcomes(postTogether(events));

            // Then
            assertThat(outcomes).containsExactly("200 processed", "200 processed", "200 processed",
                    "202 dead_lettered", "200 processed");
            assertThat(callsAfterTheOccupyingOne().stream().map(PutCall::entries)).containsExactly(5, 1);
            events.stream().filter(event -> event != events.get(3))
                    .forEach(event -> assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1));
            assertListedAsDead(bridge, events.get(3), 1);
            assertThat(bridge.auditStatuses(events.get(1).id())).containsExactly("FAILURE", "SUCCESS");
            assertThat(bridge.auditStatuses(events.get(0).id())).containsExactly("SUCCESS");
        }

        @ParameterizedTest
        @EnumSource(names = {"REFUSE_REQUEST", "TOO_LARGE_REQUEST"})
        void aRefusedRequestsEntriesAreSentOneByOne(Fault fault) {
            // Given
            List<SampleEvent> events = events(bridge, 4);
            bridge.bus().faults().forEventId(events.get(2).id(), 9, fault);

            // When
            List<String> outcomes = outcomes(postTogether(events));

            // Then
            assertThat(outcomes).containsExactly("200 processed", "200 processed", "202 dead_lettered",
                    "200 processed");
            assertThat(callsAfterTheOccupyingOne().stream().map(PutCall::entries)).containsExactly(4, 1, 1, 1, 1);
            assertListedAsDead(bridge, events.get(2), 1);
            events.stream().filter(event -> event != events.get(2))
                    .forEach(event -> assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1));
        }

        @Test
        void aFailedRequestIsTriedAgainForEachOfItsEvents() {
            // Given
            List<SampleEvent> events = events(bridge, 6);
            bridge.bus().faults().forEventId(events.get(0).id(), 1, Fault.SERVER_ERROR);

            // When
            List<String> outcomes = outcomes(postTogether(events));

            // Then
            assertThat(outcomes).containsOnly("200 processed");
            events.forEach(event -> assertThat(bridge.auditStatuses(event.id())).containsExactly("FAILURE", "SUCCESS"));
            assertThat(Collections.max(bridge.bus().timesDelivered().values())).isEqualTo(1);
        }

        @Test
        void noMoreCallsAreInFlightThanAllowed() {
            // Given
            List<SampleEvent> events = events(bridge, 40);

            // When
            outcomes(postTogether(events));

            // Then
            assertThat(bridge.bus().maxConcurrentCalls()).isEqualTo(1);
        }
    }

    /** The reply budget and the outbox's own pace, where they matter to the directive. */
    @Nested
    class WithAnotherPace {

        @Test
        void attemptsLeftWhenTheReplyBudgetIsSpentGoOnAtTheDirectivesPace() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.delivery.reply.budget", "500ms")
                    .with("bridge.outbox.retry.max.delay", "15s").start()) {
                // Given
                SampleEvent event = directed(bridge.newEvent(), 5, 300);
                bridge.bus().faults().forEventId(event.id(), 4, Fault.THROTTLE_ENTRY);

                // When
                Reply reply = bridge.post(event);

                // Then
                assertThat(reply.outcome()).isEqualTo("202 queued");
                assertDrainedOnto(bridge, event);
                List<Long> gaps = gapsInMillis(bridge.bus().calls());
                assertThat(gaps).hasSize(4);
                for (int n = 1; n <= 4; n++) {
                    assertThat(gaps.get(n - 1)).as("pause " + n).isBetween(n * 235L, n * 365L + 500);
                }
            }
        }

        @Test
        void triesFromTheOutboxComeAtTheLatestEveryLongestPause() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().start()) {
                // Given
                SampleEvent event = bridge.newEvent();
                bridge.bus().faults().always(Fault.SERVER_ERROR);
                bridge.post(event);

                // When
                await().untilAsserted(() -> assertThat(bridge.bus().calls()).hasSize(8));

                // Then
                List<Long> gaps = gapsInMillis(bridge.bus().calls());
                assertThat(gaps.subList(1, gaps.size())).allSatisfy(gap -> assertThat(gap).isBetween(200L, 900L));
            }
        }

        @Test
        void anEventSentLongAfterItCameIsMarkedLate() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.ordering.tolerance", "1s").start()) {
                // Given
                SampleEvent soon = bridge.newEvent();
                SampleEvent late = bridge.newEvent();
                bridge.bus().faults().always(Fault.SERVER_ERROR);
                bridge.post(late);
                Instant tooLate = Instant.now().plusMillis(1100);
                await().until(() -> Instant.now().isAfter(tooLate));
                bridge.post(soon);

                // When
                bridge.bus().faults().none();

                // Then
                assertDrainedOnto(bridge, late);
                assertDrainedOnto(bridge, soon);
                assertThat(bridgeOf(bridge, late).path("late").asBoolean()).isTrue();
                assertThat(bridgeOf(bridge, soon).has("late")).isFalse();
            }
        }

        private JsonNode bridgeOf(BridgeUnderTest bridge, SampleEvent event) {
            return bridge.bus().delivered().stream().map(entry -> json(entry.detail()))
                    .filter(detail -> detail.path("id").asText().equals(event.id())).findFirst().orElseThrow()
                    .path("bridge");
        }

        @Test
        void anEventTooOldForTheOutboxIsADeadLetter() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.outbox.max.age", "1s").start()) {
                // Given
                SampleEvent event = bridge.newEvent();
                bridge.bus().faults().always(Fault.SERVER_ERROR);

                // When
                Reply reply = bridge.post(event);

                // Then
                assertThat(reply.outcome()).isEqualTo("202 queued");
                await().untilAsserted(() -> assertThat(bridge.deadLetters(event.id())).hasSize(1));
                assertThat(bridge.deadLetters(event.id()).get(0).path("event")).isEqualTo(json(event.json()));
                await().untilAsserted(() -> assertThat(bridge.pending()).isZero());
                assertThat(bridge.bus().timesDelivered(event.id())).isZero();
                assertThat(bridge.auditStatuses(event.id())).contains("QUEUED").endsWith("DEAD_LETTERED");
            }
        }

        @Test
        void eventsGoStraightToTheBusAgainAlthoughNothingIsLeftInTheOutboxToProbeWith() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.outbox.max.bytes", 1).start()) {
                // Given
                bridge.bus().faults().next(2, Fault.SERVER_ERROR);
                Reply refused = bridge.post(bridge.newEvent());

                // When
                await().untilAsserted(() ->
                        assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("200 processed"));

                // Then
                assertThat(refused.outcome()).isEqualTo("503 overloaded");
                assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("200 processed");
            }
        }

        @Test
        void threeAttemptsAreTheDefault() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.delivery.reply.budget", "20s").start()) {
                // Given
                bridge.bus().faults().always(Fault.THROTTLE_ENTRY);

                // When
                Reply reply = bridge.post(bridge.newEvent().with("retryDirective", Map.of()));

                // Then
                assertThat(reply.outcome()).isEqualTo("202 queued");
                List<Long> gaps = gapsInMillis(bridge.bus().calls());
                assertThat(gaps).hasSizeBetween(2, 3);
                assertThat(gaps.get(0)).isBetween(795L, 1600L);
                assertThat(gaps.get(1)).isBetween(1595L, 2800L);
            }
        }
    }

    /** The bus, the permission to look at it, and the credentials. */
    @Nested
    class Configuration {

        @Test
        void aMissingBusMakesTheBridgeNotReadyUntilItIsFound() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.eventbridge.bus", "not-yet")
                    .with("bridge.registration.period", "300ms").start()) {
                // Given
                await().untilAsserted(() -> assertThat(bridge.readiness().status()).isEqualTo(503));
                assertThat(check(bridge.readiness()).at("/data/reason").asText()).contains("not-yet");
                SampleEvent event = bridge.newEvent();
                Reply queued = bridge.post(event);
                assertThat(bridge.bus().calls()).isEmpty();

                // When
                bridge.bus().createBus("not-yet");

                // Then
                await().untilAsserted(() -> assertThat(bridge.readiness().status()).isEqualTo(200));
                assertThat(queued.outcome()).isEqualTo("202 queued");
                assertDrainedOnto(bridge, event);
                assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("200 processed");
            }
        }

        @Test
        void noEventIsGivenToABusThatDoesNotExistRightAfterTheStart() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.eventbridge.bus", "absent").start()) {
                // Given
                SampleEvent event = bridge.newEvent();

                // When
                Reply reply = bridge.post(event);

                // Then
                assertThat(reply.outcome()).isEqualTo("202 queued");
                assertThat(bridge.auditStatuses(event.id())).containsExactly("QUEUED");
                assertThat(bridge.bus().calls()).isEmpty();
                assertThat(bridge.pending()).isEqualTo(1);
            }
        }

        @Test
        void aBusThatMayNotBeDescribedIsTakenToExist() {
            try (BridgeUnderTest bridge = new BridgeUnderTest()) {
                // Given
                bridge.bus().describeFaults().always(Fault.ACCESS_DENIED);
                bridge.start();
                await().untilAsserted(() -> assertThat(bridge.bus().describeCalls()).isPositive());

                // When
                Reply reply = bridge.post(bridge.newEvent());

                // Then
                assertThat(reply.outcome()).isEqualTo("200 processed");
                assertThat(bridge.readiness().status()).isEqualTo(200);
            }
        }

        @Test
        void wrongCredentialsMakeTheBridgeNotReady() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().with("aws.secretAccessKey", "wrong").start()) {
                // Given
                SampleEvent event = bridge.newEvent();

                // When
                Reply reply = bridge.post(event);

                // Then
                assertThat(reply.outcome()).isEqualTo("202 queued");
                assertThat(bridge.auditStatuses(event.id())).startsWith("FAILURE", "QUEUED");
                assertThat(bridge.readiness().status()).isEqualTo(503);
                assertThat(check(bridge.readiness()).at("/data/reason").asText()).contains("Signature");
                assertThat(bridge.bus().delivered()).isEmpty();
            }
        }

        @Test
        void everyBeanIsMadeOnce() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().start()) {
                // Given
                SampleEvent event = bridge.newEvent();
                bridge.bus().faults().always(Fault.HANG);
                CompletableFuture<Reply> reply = bridge.postAsync(event.json());

                // When
                await().untilAsserted(() -> assertThat(bridge.metric("bridge_inflight")).isEqualTo(1));

                // Then
                assertThat(bridge.accounting().path("in_flight").asInt()).isEqualTo(1);
                assertThat(reply.join().outcome()).isEqualTo("202 queued");
                assertThat(bridge.metric("bridge_outbox_depth")).isEqualTo(1);
                assertThat(bridge.accounting().at("/outbox/pending").asInt()).isEqualTo(1);
                assertThat(check(bridge.readiness()).at("/data/outbox").asText()).isEqualTo("1 events");
                assertThat(bridge.metric("bridge_inflight")).isZero();
                bridge.bus().faults().always(Fault.ACCESS_DENIED);
                bridge.bus().releaseHanging();
                bridge.post(bridge.newEvent());
                await().untilAsserted(() -> assertThat(check(bridge.readiness()).at("/data/reason").asText())
                        .contains("AccessDenied"));
            }
        }

        @Test
        void aBridgeIsReadyWhenItHasStarted() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().start()) {
                // When
                Reply readiness = bridge.readiness();

                // Then
                assertThat(readiness.status()).isEqualTo(200);
                assertThat(check(readiness).path("status").asText()).isEqualTo("UP");
                assertThat(bridge.manage("/observe/health").status()).isEqualTo(200);
                assertThat(bridge.manage("/observe/health/live").status()).isEqualTo(200);
            }
        }
    }
}
