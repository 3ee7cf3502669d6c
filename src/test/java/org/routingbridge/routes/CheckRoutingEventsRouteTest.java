package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.DeliveredEntry;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/**
 * Valid events over real HTTP: each once, none too large for an entry, and in the order that the policy asks for
 * (contract, section 3, from {@code duplicate_skipped} to {@code ordering_violation}).
 */
class CheckRoutingEventsRouteTest {

    private static final int MAX_ENTRY = 262_144;

    private static SampleEvent inQueue(SampleEvent event, String queue, Instant timestamp) {
        return event.with("/routingContext/queueId", queue)
                .with("timestamp", timestamp.truncatedTo(ChronoUnit.MILLIS).toString());
    }

    private static JsonNode bridgeOf(DeliveredEntry entry) throws Exception {
        return new JsonMapper().readTree(entry.detail()).path("bridge");
    }

    /** What the last delivered entry says under {@code bridge}. */
    private static JsonNode lastBridge(BridgeUnderTest bridge) throws Exception {
        List<DeliveredEntry> delivered = bridge.bus().delivered();
        return bridgeOf(delivered.get(delivered.size() - 1));
    }

    /** With the settings as they are shipped: each once, entries up to AWS's old limit, late ones refused. */
    @Nested
    class ByDefault {

        private static BridgeUnderTest bridge;

        @BeforeAll
        static void start() {
            bridge = new BridgeUnderTest().start();
        }

        @AfterAll
        static void close() {
            bridge.close();
        }

        @BeforeEach
        void calm() {
            bridge.calm();
        }

        @Test
        void anEventSentAgainIsSkipped() {
            // Given
            SampleEvent event = bridge.newEvent();
            Reply first = bridge.post(event);

            // When
            Reply second = bridge.post(event);

            // Then
            assertThat(first.outcome()).isEqualTo("200 processed");
            assertThat(second.outcome()).isEqualTo("200 duplicate_skipped");
            assertThat(second.json().path("eventId").asText()).isEqualTo(event.id());
            assertThat(second.json().path("idempotencyToken")).isEqualTo(first.json().path("idempotencyToken"));
            assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
            assertThat(bridge.auditStatuses(event.id())).containsExactly("SUCCESS", "DUPLICATE");
        }

        @Test
        void theIdAloneMakesADuplicate() {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.post(event);

            // When
            Reply reply = bridge.post(bridge.newEvent().with("id", event.id()));

            // Then
            assertThat(reply.outcome()).isEqualTo("200 duplicate_skipped");
        }

        @Test
        void aDuplicateMustBeValidToo() {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.post(event);

            // When
            Reply reply = bridge.post(event.without("timestamp"));

            // Then
            assertThat(reply.outcome()).isEqualTo("400 schema_violation");
        }

        @Test
        void ofFiftyAtOnceOneIsPublishedAndTheOthersWaitForIt() {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.bus().latency(Duration.ofMillis(500));

            // When
            List<CompletableFuture<Reply>> posts = IntStream.range(0, 50)
                    .mapToObj(i -> bridge.postAsync(event.json())).toList();
            List<String> outcomes = posts.stream().map(CompletableFuture::join).map(Reply::outcome).sorted().toList();

            // Then
            assertThat(bridge.bus().calls()).hasSize(1);
            assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
            assertThat(outcomes).hasSize(50).filteredOn("200 processed"::equals).hasSize(1);
            assertThat(outcomes).filteredOn("200 duplicate_skipped"::equals).hasSize(49);
        }

        @Test
        void aDuplicateInFlightIsSkippedOnceTheFirstIsInTheOutbox() {
            // Given
            SampleEvent event = bridge.newEvent().with("/retryDirective/maxAttempts", 1);
            bridge.bus().latency(Duration.ofMillis(700));
            bridge.bus().faults().next(Fault.THROTTLE_ENTRY);
            CompletableFuture<Reply> first = bridge.postAsync(event.json());
            await().untilAsserted(() -> assertThat(bridge.bus().calls()).hasSize(1));

            // When
            Reply second = bridge.post(event);

            // Then
            assertThat(first.join().outcome()).isEqualTo("202 queued");
            assertThat(second.outcome()).isEqualTo("200 duplicate_skipped");
            await().untilAsserted(() -> assertThat(bridge.pending()).isZero());
            assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
        }

        @Test
        void aDuplicateInFlightIsSkippedOnceTheFirstIsADeadLetter() {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.bus().latency(Duration.ofMillis(700));
            bridge.bus().faults().next(Fault.REFUSE_ENTRY);
            CompletableFuture<Reply> first = bridge.postAsync(event.json());
            await().untilAsserted(() -> assertThat(bridge.bus().calls()).hasSize(1));

            // When
            Reply second = bridge.post(event);

            // Then
            assertThat(first.join().outcome()).isEqualTo("202 dead_lettered");
            assertThat(second.outcome()).isEqualTo("200 duplicate_skipped");
            assertThat(bridge.deadLetters(event.id())).hasSize(1);
            assertThat(bridge.bus().calls()).hasSize(1);
        }

        @ParameterizedTest
        @CsvSource({"THROTTLE_ENTRY, 202 queued", "REFUSE_ENTRY, 202 dead_lettered"})
        void anEventInTheOutboxOrAmongTheDeadLettersMovesTheWatermark(Fault fault, String outcome) {
            // Given
            Instant now = Instant.now();
            SampleEvent newest = inQueue(bridge.newEvent(), bridge.newEvent().queueId(), now)
                    .with("/retryDirective/maxAttempts", 1);
            bridge.bus().faults().next(fault);
            Reply safe = bridge.post(newest);

            // When
            Reply reply = bridge.post(inQueue(bridge.newEvent(), newest.queueId(), now.minusSeconds(60)));

            // Then
            assertThat(safe.outcome()).isEqualTo(outcome);
            assertThat(reply.outcome()).isEqualTo("409 ordering_violation");
        }

        @Test
        void anIdIsRememberedOverARestart() {
            // Given
            SampleEvent published = bridge.newEvent();
            SampleEvent dead = bridge.newEvent();
            bridge.post(published);
            bridge.bus().faults().next(Fault.REFUSE_ENTRY);
            bridge.post(dead);

            // When
            bridge.restart();

            // Then
            assertThat(bridge.post(published).outcome()).isEqualTo("200 duplicate_skipped");
            assertThat(bridge.post(dead).outcome()).isEqualTo("200 duplicate_skipped");
            assertThat(bridge.deadLetters(dead.id())).hasSize(1);
            assertThat(bridge.bus().timesDelivered(published.id())).isEqualTo(1);
        }

        @Test
        void anOversizeEventIsRefused() {
            // Given
            SampleEvent event = bridge.newEvent().with("/routingContext/transcript", "lorem ipsum ".repeat(22_500));

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("413 entry_too_large");
            assertThat(bridge.bus().calls()).isEmpty();
            assertThat(bridge.auditLines(event.id())).singleElement().satisfies(line -> {
                assertThat(line.path("status").asText()).isEqualTo("REJECTED");
                assertThat(line.path("error").asText()).startsWith("entry_too_large");
            });
        }

        @ParameterizedTest
        @CsvSource({"0, x, 200 processed", "1, x, 413 entry_too_large", "0, \u00e9, 200 processed",
            "1, \u00e9, 413 entry_too_large", "0, \ud83d\ude00, 200 processed", "1, \ud83d\ude00, 413 entry_too_large"})
        void anEntryHasTheLimitsBytesAtMostByAwssFormula(int over, String letter, String outcome) {
            // Given
            int addedByBridge = addedByBridge();
            SampleEvent event = bridge.newEvent().with("/routingContext/filling", "");
            int size = 14 + utf8("nice.cxone.routing") + utf8(event.eventType()) + utf8(event.json()) + addedByBridge;
            int missing = MAX_ENTRY - size + over;
            String filling = letter.repeat(missing / utf8(letter)) + "x".repeat(missing % utf8(letter));

            // When
            Reply reply = bridge.post(event.with("/routingContext/filling", filling));

            // Then
            assertThat(reply.outcome()).isEqualTo(outcome);
            if (over == 0) {
                assertThat(bridge.bus().calls().get(bridge.bus().calls().size() - 1).bytes()).isEqualTo(MAX_ENTRY);
            }
        }

        private int addedByBridge() {
            SampleEvent sample = bridge.newEvent();
            bridge.post(sample);
            return bridge.bus().delivered().get(0).detail().length() - sample.json().length();
        }

        private static int utf8(String text) {
            return text.getBytes(StandardCharsets.UTF_8).length;
        }

        @Test
        void anOversizeEventThatIsLateTooIsToldAboutItsSize() {
            // Given
            SampleEvent newest = bridge.newEvent();
            bridge.post(newest);
            SampleEvent event = inQueue(bridge.newEvent(), newest.queueId(), Instant.now().minusSeconds(60))
                    .with("/routingContext/transcript", "x".repeat(270_000));

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("413 entry_too_large");
        }

        @ParameterizedTest
        @CsvSource({"0, 200 processed", "5000, 200 processed", "10000, 200 processed", "10001, 409 ordering_violation",
            "60000, 409 ordering_violation"})
        void anEventMayBeTenSecondsBehindTheNewestOfItsQueue(long behindMillis, String outcome) {
            // Given
            Instant now = Instant.now();
            SampleEvent newest = inQueue(bridge.newEvent(), "behind-" + behindMillis, now);
            bridge.post(newest);

            // When
            Reply reply = bridge.post(inQueue(bridge.newEvent(), newest.queueId(), now.minusMillis(behindMillis)));

            // Then
            assertThat(reply.outcome()).isEqualTo(outcome);
        }

        @Test
        void anOlderEventDoesNotMoveTheWatermarkBack() {
            // Given
            Instant now = Instant.now();
            SampleEvent newest = inQueue(bridge.newEvent(), bridge.newEvent().queueId(), now);
            bridge.post(newest);
            bridge.post(inQueue(bridge.newEvent(), newest.queueId(), now.minusSeconds(9)));

            // When
            Reply reply = bridge.post(inQueue(bridge.newEvent(), newest.queueId(), now.minusSeconds(15)));

            // Then
            assertThat(reply.outcome()).isEqualTo("409 ordering_violation");
        }

        @Test
        void queuesDoNotHoldEachOtherUp() {
            // Given
            bridge.post(bridge.newEvent());

            // When
            Reply reply = bridge.post(inQueue(bridge.newEvent(), "another", Instant.now().minusSeconds(3600)));

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
        }

        @Test
        void eventsWithoutAQueueShareOneKey() {
            // Given
            bridge.post(bridge.newEvent().without("/routingContext/queueId"));

            // When
            Reply reply = bridge.post(bridge.newEvent().without("/routingContext/queueId")
                    .with("timestamp", Instant.now().minusSeconds(60).toString()));

            // Then
            assertThat(reply.outcome()).isEqualTo("409 ordering_violation");
        }

        @ParameterizedTest
        @CsvSource({"55, 200 processed", "65, 409 ordering_violation", "315360000, 409 ordering_violation"})
        void anEventMayBeAMinuteAheadOfTheClock(long aheadSeconds, String outcome) {
            // Given
            SampleEvent event = bridge.newEvent()
                    .with("timestamp", Instant.now().plusSeconds(aheadSeconds).toString());

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo(outcome);
        }

        @Test
        void aLateEventIsNotPublishedAndHasItsAuditLine() {
            // Given
            SampleEvent newest = bridge.newEvent();
            bridge.post(newest);
            SampleEvent late = inQueue(bridge.newEvent(), newest.queueId(), Instant.now().minusSeconds(60));

            // When
            Reply reply = bridge.post(late);

            // Then
            assertThat(reply.json().path("message").asText()).isNotBlank();
            assertThat(bridge.bus().timesDelivered(late.id())).isZero();
            assertThat(bridge.auditLines(late.id())).singleElement().satisfies(line -> {
                assertThat(line.path("status").asText()).isEqualTo("REJECTED");
                assertThat(line.path("error").asText()).startsWith("ordering_violation");
                assertThat(line.path("idempotencyToken").asText()).isNotEmpty();
            });
        }

        @Test
        void aRefusalDoesNotMakeADuplicateOfTheNextTry() {
            // Given
            SampleEvent newest = bridge.newEvent();
            bridge.post(newest);
            SampleEvent late = inQueue(bridge.newEvent(), newest.queueId(), Instant.now().minusSeconds(60));
            bridge.post(late);

            // When
            Reply reply = bridge.post(late);

            // Then
            assertThat(reply.outcome()).isEqualTo("409 ordering_violation");
        }

        @Test
        void anAcceptedEventSentAgainIsADuplicateHoweverLate() {
            // Given
            Instant now = Instant.now();
            SampleEvent early = inQueue(bridge.newEvent(), bridge.newEvent().queueId(), now.minusSeconds(60));
            bridge.post(early);
            bridge.post(inQueue(bridge.newEvent(), early.queueId(), now));

            // When
            Reply reply = bridge.post(early);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 duplicate_skipped");
        }

        @Test
        void watermarksStartEmptyWithTheProcess() {
            // Given
            SampleEvent newest = bridge.newEvent();
            bridge.post(newest);
            bridge.restart();

            // When
            Reply reply = bridge.post(inQueue(bridge.newEvent(), newest.queueId(), Instant.now().minusSeconds(60)));

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
        }
    }

    /** An outbox that has no room: what cannot be published is left with its sender, who is not punished for it. */
    @Nested
    class WithoutRoomInTheOutbox {

        private static BridgeUnderTest bridge;

        @BeforeAll
        static void start() {
            bridge = new BridgeUnderTest().with("bridge.outbox.max.bytes", 1).start();
        }

        @AfterAll
        static void close() {
            bridge.close();
        }

        @BeforeEach
        void calm() {
            bridge.calm();
        }

        @Test
        void aDuplicateInFlightGetsTheErrorOfTheFirst() {
            // Given
            SampleEvent event = bridge.newEvent().with("/retryDirective/maxAttempts", 1);
            bridge.bus().latency(Duration.ofMillis(700));
            bridge.bus().faults().next(Fault.THROTTLE_ENTRY);
            CompletableFuture<Reply> first = bridge.postAsync(event.json());
            await().untilAsserted(() -> assertThat(bridge.bus().calls()).hasSize(1));

            // When
            Reply second = bridge.post(event);

            // Then
            assertThat(first.join().outcome()).isEqualTo("503 overloaded");
            assertThat(second.outcome()).isEqualTo("503 overloaded");
            assertThat(bridge.bus().calls()).hasSize(1);
        }

        @Test
        void anEventWithoutSuccessIsForgottenAndWelcomeAgain() {
            // Given
            SampleEvent event = bridge.newEvent().with("/retryDirective/maxAttempts", 1);
            bridge.bus().faults().next(Fault.THROTTLE_ENTRY);
            Reply refused = bridge.post(event);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(refused.outcome()).isEqualTo("503 overloaded");
            assertThat(refused.header("Retry-After")).matches("[1-9][0-9]*");
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
        }

        @Test
        void anEventThatWasNotMadeSafeMovesNoWatermark() {
            // Given
            Instant now = Instant.now();
            SampleEvent newest = inQueue(bridge.newEvent(), bridge.newEvent().queueId(), now)
                    .with("/retryDirective/maxAttempts", 1);
            bridge.bus().faults().next(Fault.THROTTLE_ENTRY);
            Reply refused = bridge.post(newest);

            // When
            Reply reply = bridge.post(inQueue(bridge.newEvent(), newest.queueId(), now.minusSeconds(60)));

            // Then
            assertThat(refused.outcome()).isEqualTo("503 overloaded");
            assertThat(reply.outcome()).isEqualTo("200 processed");
        }

        @Test
        void anEventRefusedByOurFaultPassesTheOrderCheckAgain() {
            // Given
            Instant now = Instant.now();
            SampleEvent unlucky = inQueue(bridge.newEvent(), bridge.newEvent().queueId(), now.minusSeconds(60))
                    .with("/retryDirective/maxAttempts", 1);
            bridge.bus().faults().next(Fault.THROTTLE_ENTRY);
            bridge.post(unlucky);
            bridge.post(inQueue(bridge.newEvent(), unlucky.queueId(), now));

            // When
            Reply reply = bridge.post(unlucky);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(bridge.bus().timesDelivered(unlucky.id())).isEqualTo(1);
        }

        @Test
        void anotherEventAsOldAsTheUnluckyOneIsStillTooLate() {
            // Given
            Instant now = Instant.now();
            SampleEvent unlucky = inQueue(bridge.newEvent(), bridge.newEvent().queueId(), now.minusSeconds(60))
                    .with("/retryDirective/maxAttempts", 1);
            bridge.bus().faults().next(Fault.THROTTLE_ENTRY);
            bridge.post(unlucky);
            bridge.post(inQueue(bridge.newEvent(), unlucky.queueId(), now));

            // When
            Reply reply = bridge.post(inQueue(bridge.newEvent(), unlucky.queueId(), now.minusSeconds(60)));

            // Then
            assertThat(reply.outcome()).isEqualTo("409 ordering_violation");
        }
    }

    /** Late ones and those from the future go out, marked. */
    @Nested
    class WithPolicyFlag {

        private static BridgeUnderTest bridge;

        @BeforeAll
        static void start() {
            bridge = new BridgeUnderTest().with("bridge.ordering.policy", "flag").start();
        }

        @AfterAll
        static void close() {
            bridge.close();
        }

        @BeforeEach
        void calm() {
            bridge.calm();
        }

        @Test
        void aPunctualEventIsNotMarked() throws Exception {
            // Given
            SampleEvent event = bridge.newEvent();

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(lastBridge(bridge).has("late")).isFalse();
            assertThat(lastBridge(bridge).has("future")).isFalse();
        }

        @Test
        void aLateEventIsPublishedWithALateMark() throws Exception {
            // Given
            SampleEvent newest = bridge.newEvent();
            bridge.post(newest);

            // When
            Reply reply = bridge.post(inQueue(bridge.newEvent(), newest.queueId(), Instant.now().minusSeconds(60)));

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(lastBridge(bridge).path("late")).isEqualTo(BooleanNode.TRUE);
            assertThat(lastBridge(bridge).has("future")).isFalse();
        }

        @Test
        void anEventFromTheFutureIsPublishedWithAFutureMark() throws Exception {
            // Given
            SampleEvent event = bridge.newEvent().with("timestamp", Instant.now().plusSeconds(600).toString());

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(lastBridge(bridge).path("future").asBoolean()).isTrue();
            assertThat(lastBridge(bridge).has("late")).isFalse();
        }

        @Test
        void anEventFromTheFutureMovesNoWatermark() throws Exception {
            // Given
            SampleEvent ahead = bridge.newEvent().with("timestamp", Instant.now().plusSeconds(600).toString());
            bridge.post(ahead);

            // When
            bridge.post(inQueue(bridge.newEvent(), ahead.queueId(), Instant.now()));

            // Then
            assertThat(lastBridge(bridge).has("late")).isFalse();
        }

        @Test
        void aLateMarkIsLeftOutWhereItAloneWouldPushTheEntryOverTheLimit() throws Exception {
            // Given
            SampleEvent newest = bridge.newEvent();
            bridge.post(newest);
            int addedByBridge = bridge.bus().delivered().get(0).detail().length() - newest.json().length();
            SampleEvent late = inQueue(bridge.newEvent(), newest.queueId(), Instant.now().minusSeconds(60))
                    .with("/routingContext/filling", "");
            int size = 14 + "nice.cxone.routing".length() + late.eventType().length() + late.json().length()
                    + addedByBridge;

            // When
            Reply reply = bridge.post(late.with("/routingContext/filling", "x".repeat(MAX_ENTRY - size)));

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(lastBridge(bridge).has("late")).isFalse();
            assertThat(bridge.bus().calls().get(1).bytes()).isEqualTo(MAX_ENTRY);
        }

        @Test
        void aLateMarkIsKeptWhereThereIsJustRoomForIt() throws Exception {
            // Given
            SampleEvent newest = bridge.newEvent();
            bridge.post(newest);
            int addedByBridge = bridge.bus().delivered().get(0).detail().length() - newest.json().length();
            SampleEvent late = inQueue(bridge.newEvent(), newest.queueId(), Instant.now().minusSeconds(60))
                    .with("/routingContext/filling", "");
            int size = 14 + "nice.cxone.routing".length() + late.eventType().length() + late.json().length()
                    + addedByBridge + ",\"late\":true".length();

            // When
            bridge.post(late.with("/routingContext/filling", "x".repeat(MAX_ENTRY - size)));

            // Then
            assertThat(lastBridge(bridge).path("late").asBoolean()).isTrue();
            assertThat(bridge.bus().calls().get(1).bytes()).isEqualTo(MAX_ENTRY);
        }
    }

    /** No check at all. */
    @Nested
    class WithPolicyOff {

        private static BridgeUnderTest bridge;

        @BeforeAll
        static void start() {
            bridge = new BridgeUnderTest().with("bridge.ordering.policy", "off").start();
        }

        @AfterAll
        static void close() {
            bridge.close();
        }

        @ParameterizedTest
        @ValueSource(longs = {-3600, 3600})
        void whateverItsTimeAnEventIsPublishedWithoutAMark(long seconds) throws Exception {
            // Given
            SampleEvent newest = bridge.newEvent();
            bridge.post(newest);

            // When
            Reply reply = bridge.post(inQueue(bridge.newEvent(), newest.queueId(), Instant.now().plusSeconds(seconds)));

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(lastBridge(bridge).properties().stream().map(Map.Entry::getKey))
                    .containsExactly("idempotencyToken", "receivedAt");
        }
    }

    /** Tolerance, skew and key as an operator set them. */
    @Nested
    class WithOtherLimits {

        private BridgeUnderTest bridge;

        private void start(String... settings) {
            bridge = new BridgeUnderTest();
            for (int i = 0; i < settings.length; i += 2) {
                bridge.with(settings[i], settings[i + 1]);
            }
            bridge.start();
        }

        @AfterEach
        void close() {
            bridge.close();
        }

        @Test
        void toleranceAndSkewAreThoseOfTheSettings() {
            // Given
            start("bridge.ordering.tolerance", "2s", "bridge.ordering.max.future.skew", "30s");
            Instant now = Instant.now();
            SampleEvent newest = inQueue(bridge.newEvent(), "q", now);
            bridge.post(newest);

            // When
            List<String> outcomes = Stream.of(now.minusSeconds(2), now.minusMillis(2001), now.plusSeconds(35),
                            now.plusSeconds(25))
                    .map(timestamp -> bridge.post(inQueue(bridge.newEvent(), "q", timestamp)).outcome()).toList();

            // Then
            assertThat(outcomes).containsExactly("200 processed", "409 ordering_violation", "409 ordering_violation",
                    "200 processed");
        }

        @Test
        void theOrderingKeyIsWhereThePointerSays() {
            // Given
            start("bridge.ordering.key", "/routingContext/attributes/tenant~1name");
            Instant now = Instant.now();
            SampleEvent newest = inQueue(bridge.newEvent(), "q1", now)
                    .with("/routingContext/attributes/tenant~1name", "a");
            bridge.post(newest);

            // When
            List<String> outcomes = Stream.of("a", "b").map(tenant -> bridge.post(
                    inQueue(bridge.newEvent(), "q1", now.minusSeconds(60))
                            .with("/routingContext/attributes/tenant~1name", tenant)).outcome()).toList();

            // Then
            assertThat(outcomes).containsExactly("409 ordering_violation", "200 processed");
        }

        @Test
        void anEmptyPointerMeansOneKeyForAll() {
            // Given
            start("bridge.ordering.key", "");
            bridge.post(bridge.newEvent());

            // When
            Reply reply = bridge.post(inQueue(bridge.newEvent(), "another", Instant.now().minusSeconds(60)));

            // Then
            assertThat(reply.outcome()).isEqualTo("409 ordering_violation");
        }

        @Test
        void theWindowOfDuplicatesEnds() {
            // Given
            start("bridge.idempotency.ttl", "500ms");
            SampleEvent event = bridge.newEvent();
            bridge.post(event);

            // When
            await().pollInterval(Duration.ofMillis(600)).untilAsserted(() ->
                    assertThat(bridge.post(event).outcome()).isEqualTo("200 processed"));

            // Then
            assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(2);
        }

        @Test
        void theEntryLimitIsThatOfTheSettings() {
            // Given
            start("bridge.eventbridge.max.entry.bytes", "1024");
            SampleEvent event = bridge.newEvent().with("/routingContext/note", "x".repeat(1024));

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("413 entry_too_large");
        }

        @Test
        void theSourceIsThatOfTheSettings() {
            // Given
            start("bridge.eventbridge.source", "contact.centre");

            // When
            bridge.post(bridge.newEvent());

            // Then
            assertThat(bridge.bus().delivered().get(0).source()).isEqualTo("contact.centre");
        }

        @Test
        void aBusGivenByItsArnIsServed() {
            // Given
            start("bridge.eventbridge.bus",
                    "arn:aws:events:eu-central-1:123456789012:event-bus/" + BridgeUnderTest.BUS);

            // When
            Reply reply = bridge.post(bridge.newEvent());

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(bridge.bus().delivered()).hasSize(1);
        }
    }
}
