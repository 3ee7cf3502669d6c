package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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
        @EnumSource(names = {"THROTTLE_ENTRY", "INTERNAL_FAILURE_ENTRY", "INTERNAL_EXCEPTION_ENTRY",
            "SERVICE_UNAVAILABLE_ENTRY", "THROTTLE_REQUEST", "SERVER_ERROR", "UNAVAILABLE", "HANG", "RESET_BEFORE"})
        void whatDoesNotPassIsTriedAsOftenAsTheEventDirectsAndLeftWithItsSender(Fault fault) {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 3, 100);
            bridge.bus().faults().always(fault);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("503 overloaded");
            assertThat(reply.header("Retry-After")).matches("[1-9][0-9]*");
            assertThat(reply.body()).doesNotContain("Exception", "Rate exceeded");
            assertThat(bridge.bus().calls()).hasSize(3);
            assertThat(bridge.auditStatuses(event.id())).containsExactly("FAILURE", "FAILURE", "FAILURE", "REJECTED");
            assertNotified(event, 0);
        }

        @Test
        void whatWasLeftWithItsSenderIsPublishedWhenSentAgain() {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.bus().faults().next(2, Fault.SERVER_ERROR);
            bridge.post(event);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
            assertNotified(event, 1);
        }

        @Test
        void oneAttemptIsAllWhereTheEventDirectsOne() {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 1, 100);
            bridge.bus().faults().always(Fault.THROTTLE_ENTRY);

            // When
            bridge.post(event);

            // Then
            assertThat(bridge.bus().calls()).hasSize(1);
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
            assertThat(gaps).hasSize(3);
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
            assertThat(reply.outcome()).isEqualTo("503 overloaded");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(2500));
            // 300 + 600 = 900 ms of pauses, with 900 more 1800 ms; chance takes or adds a fifth
            assertThat(bridge.bus().calls()).hasSizeBetween(3, 4);
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
        void whatIsRefusedForGoodIsNotTriedAgain(Fault fault) {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 5, 100);
            bridge.bus().faults().forEventId(event.id(), 10, fault);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("503 overloaded");
            assertThat(bridge.bus().calls()).hasSize(1);
            assertThat(bridge.bus().timesDelivered(event.id())).isZero();
            assertThat(bridge.auditStatuses(event.id())).containsExactly("FAILURE", "REJECTED");
            assertNotified(event, 0);
        }

        @ParameterizedTest
        @EnumSource(names = {"ACCESS_DENIED", "EXPIRED_TOKEN", "INVALID_SIGNATURE"})
        void whatIsAMatterOfConfigurationIsNotTriedAgainAndMakesTheBridgeNotReady(Fault fault) {
            // Given
            SampleEvent event = directed(bridge.newEvent(), 5, 100);
            bridge.bus().faults().always(fault);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("503 overloaded");
            assertThat(bridge.bus().calls()).hasSize(1);
            Reply readiness = bridge.readiness();
            assertThat(readiness.status()).isEqualTo(503);
            assertThat(check(readiness).path("status").asText()).isEqualTo("DOWN");
            assertThat(check(readiness).at("/data/reason").asText()).contains("Exception:");
            assertThat(bridge.manage("/observe/health/live").status()).isEqualTo(200);
            assertNotified(event, 0);
        }

        @Test
        void theBridgeIsReadyAgainOnceAnEventHasPassed() {
            // Given
            bridge.bus().faults().next(Fault.ACCESS_DENIED);
            bridge.post(bridge.newEvent());

            // When
            Reply reply = bridge.post(bridge.newEvent());

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(bridge.readiness().status()).isEqualTo(200);
        }

        @Test
        void eventBridgeOutOfReachLeavesTheBridgeReadyAndShowsAsADetail() {
            // Given
            bridge.post(bridge.newEvent());
            bridge.bus().goAway();
            try {
                // When
                Reply reply = bridge.post(bridge.newEvent());

                // Then
                assertThat(reply.outcome()).isEqualTo("503 overloaded");
                Reply readiness = bridge.readiness();
                assertThat(readiness.status()).isEqualTo(200);
                assertThat(check(readiness).at("/data/eventbridge").asText()).startsWith("Connection:");
            } finally {
                bridge.bus().comeBack();
            }
        }

        @Test
        void eventsAreTakenAgainOnceEventBridgeIsBack() {
            // Given
            bridge.bus().goAway();
            bridge.post(bridge.newEvent());
            bridge.bus().comeBack();

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
                    "bridge_inflight", "bridge_token_expiry_seconds", "bridge_registration_ok");
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
            assertThat(outcomes).containsExactly("200 processed", "200 processed", "200 processed", "503 overloaded",
                    "200 processed");
            assertThat(callsAfterTheOccupyingOne().stream().map(PutCall::entries)).containsExactly(5, 1);
            events.stream().filter(event -> event != events.get(3))
                    .forEach(event -> assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1));
            assertThat(bridge.bus().timesDelivered(events.get(3).id())).isZero();
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
            assertThat(outcomes).containsExactly("200 processed", "200 processed", "503 overloaded", "200 processed");
            assertThat(callsAfterTheOccupyingOne().stream().map(PutCall::entries)).containsExactly(4, 1, 1, 1, 1);
            assertThat(bridge.bus().timesDelivered(events.get(2).id())).isZero();
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

    /** A long reply budget lets the directive run to its end. */
    @Nested
    class WithALongReplyBudget {

        @Test
        void threeAttemptsAreTheDefault() {
            try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.delivery.reply.budget", "20s").start()) {
                // Given
                bridge.bus().faults().always(Fault.THROTTLE_ENTRY);

                // When
                Reply reply = bridge.post(bridge.newEvent().with("retryDirective", Map.of()));

                // Then
                assertThat(reply.outcome()).isEqualTo("503 overloaded");
                List<Long> gaps = gapsInMillis(bridge.bus().calls());
                assertThat(gaps).hasSize(2);
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
                Reply refused = bridge.post(bridge.newEvent());

                // When
                bridge.bus().createBus("not-yet");

                // Then
                await().untilAsserted(() -> assertThat(bridge.readiness().status()).isEqualTo(200));
                assertThat(refused.outcome()).isEqualTo("503 overloaded");
                assertThat(bridge.bus().calls()).isEmpty();
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
                assertThat(reply.outcome()).isEqualTo("503 overloaded");
                assertThat(bridge.bus().calls()).isEmpty();
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
                assertThat(reply.outcome()).isEqualTo("503 overloaded");
                assertThat(bridge.bus().calls()).hasSize(1);
                assertThat(bridge.readiness().status()).isEqualTo(503);
                assertThat(check(bridge.readiness()).at("/data/reason").asText()).contains("Signature");
                assertThat(bridge.bus().delivered()).isEmpty();
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
