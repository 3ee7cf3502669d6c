package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.LoggedLines;
import org.routingbridge.simulator.SampleEvent;

/** What ordinary edits of the shipped routes do: none of them accepts an event that is nowhere. */
class EditedRoutesTest {

    private static final String CHECK = "check-routing-events.camel.yaml";
    private static final String RECEIVE = "receive-routing-events.camel.yaml";
    private static final String KIND = "routing:queue:member:removed";

    private static final String MAKE_SAFE = """
                          - to:
                              id: make-safe
                              uri: direct
                              parameters:
                                name: make-event-safe
            """;
    private static final String ACCEPT = """
                    - to:
                        id: accept
                        uri: direct
                        parameters:
                          name: accept-routing-event
            """;
    private static final String ANSWER = """
                            - bean:
                                id: answer-accepted
                                ref: replies
                                method: accepted
            """;
    private static final String STOP_ONE_KIND = """
                          - filter:
                              id: not-this-kind
                              expression:
                                simple:
                                  expression: ${body.eventType} == 'KIND'
                              steps:
                                - stop:
                                    id: stop-this-kind
            """.replace("KIND", KIND);

    private static final int ASKING = 32;

    /** Edits after which an event is nowhere. */
    private enum Edit {
        STOPPED_BEFORE_IT_IS_SAFE(CHECK, MAKE_SAFE, STOP_ONE_KIND + MAKE_SAFE),
        NEVER_MADE_SAFE(CHECK, MAKE_SAFE, ""),
        BODY_REPLACED(CHECK, MAKE_SAFE, """
                          - setBody:
                              id: something-else
                              expression:
                                constant:
                                  expression: thank you
            """),
        CALLED_A_DUPLICATE(CHECK, MAKE_SAFE + """
                          - bean:
                              id: advance-watermark
                              description: The event is safe, so later ones are held against it
                              ref: watermarks
                              method: advance
            """, """
                          - bean:
                              id: answer-as-if
                              ref: replies
                              method: duplicateSkipped
            """),
        NOT_ACCEPTED_AT_ALL(RECEIVE, ACCEPT, ""),
        STATUS_SET_BY_HAND(RECEIVE, ACCEPT, """
                    - setHeader:
                        id: say-created
                        name: CamelHttpResponseCode
                        expression:
                          constant:
                            expression: "201"
            """);

        private final String file;
        private final String before;
        private final String after;

        Edit(String file, String before, String after) {
            this.file = file;
            this.before = before;
            this.after = after;
        }
    }

    private final BridgeUnderTest bridge = new BridgeUnderTest();

    @AfterEach
    void close() {
        bridge.close();
    }

    private SampleEvent eventOfThatKind() {
        return bridge.newEvent().with("/eventType", KIND);
    }

    @ParameterizedTest
    @EnumSource(Edit.class)
    void anEventThatIsNowhereIsItsSendersStill(Edit edit) {
        // Given
        bridge.withEdited(edit.file, edit.before, edit.after).start();
        SampleEvent event = eventOfThatKind();

        // When
        List<Reply> replies = List.of(bridge.post(event), bridge.post(event));

        // Then
        assertThat(replies).allSatisfy(reply -> {
            assertThat(reply.status()).isEqualTo(503);
            assertThat(reply.word()).isEqualTo("unanswered");
            assertThat(reply.header("Retry-After")).isNotNull();
        });
        assertThat(bridge.bus().delivered()).isEmpty();
        // the last reply may be here before it is in the books
        await().untilAsserted(() -> assertThat(bridge.accounting().path("unanswered").asInt()).isEqualTo(2));
        JsonNode books = bridge.accounting();
        assertThat(books.path("unanswered").asInt()).isEqualTo(2);
        assertThat(books.path("balanced").asBoolean()).isTrue();
        assertThat(bridge.metric("bridge_events_total{outcome=\"unanswered\"}")).isEqualTo(2);
        await().until(() -> bridge.auditLines().size() >= 2);
        assertThat(bridge.auditLines()).hasSize(2).allSatisfy(line -> {
            assertThat(line.path("status").asText()).isEqualTo("REJECTED");
            assertThat(line.path("error").asText()).startsWith("unanswered");
            assertThat(line.path("eventId").asText()).isEqualTo(event.id());
        });
    }

    @Test
    void anEventThatAStepFailsOnIsItsSendersStillAndAuditedWhateverTheBodyIs() {
        // Given
        bridge.withEdited(CHECK, MAKE_SAFE, """
                          - setBody:
                              id: something-else
                              expression:
                                constant:
                                  expression: thank you
                          - throwException:
                              id: fail
                              exceptionType: java.lang.IllegalStateException
                              message: no such agent
            """).start();
        SampleEvent event = bridge.newEvent();

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.word()).isEqualTo("overloaded");
        assertThat(bridge.auditLines()).singleElement().satisfies(line -> {
            assertThat(line.path("status").asText()).isEqualTo("REJECTED");
            assertThat(line.path("error").asText()).isEqualTo("overloaded: no such agent");
            assertThat(line.path("eventId").asText()).isEqualTo(event.id());
        });
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
    }

    @Test
    void aStepThatFailsBeforeTheSecretIsSeenLeavesNoLineOfAStranger() {
        // Given
        bridge.withEdited(RECEIVE, """
                        - bean:
                            id: verify-secret
                """, """
                        - throwException:
                            id: fail
                            exceptionType: java.lang.IllegalStateException
                            message: no such agent
                        - bean:
                            id: verify-secret
                """).start();

        // When
        Reply reply = bridge.post(bridge.newEvent());

        // Then
        assertThat(reply.status()).isEqualTo(503);
        assertThat(bridge.auditLines()).isEmpty();
    }

    private static final String INDENTED_MAKE_SAFE = MAKE_SAFE.indent(12);

    /** Ways to make an event safe on a copy of its exchange, with something else beside it. */
    private enum Copy {
        MULTICAST("""
                          - multicast:
                              id: safe-and-something-else
                              steps:
            """ + INDENTED_MAKE_SAFE + """
                                      - log:
                                          id: something-else
                                          loggingLevel: DEBUG
                                          message: beside
            """),
        MULTICAST_IN_PARALLEL("""
                          - multicast:
                              id: safe-and-something-else
                              parallelProcessing: true
                              steps:
            """ + INDENTED_MAKE_SAFE + """
                                      - log:
                                          id: something-else
                                          loggingLevel: DEBUG
                                          message: beside
            """),
        SPLIT("""
                          - split:
                              id: one-by-one
                              expression:
                                simple:
                                  expression: ${body}
                              steps:
            """ + INDENTED_MAKE_SAFE);

        private final String steps;

        Copy(String steps) {
            this.steps = steps;
        }
    }

    @ParameterizedTest
    @EnumSource(Copy.class)
    void anEventThatIsMadeSafeOnACopyIsSafe(Copy copy) {
        // Given
        bridge.withEdited(CHECK, MAKE_SAFE, copy.steps).start();
        SampleEvent event = eventOfThatKind();
        SampleEvent other = eventOfThatKind();

        // When
        List<String> outcomes = List.of(bridge.post(event).outcome(), bridge.post(event).outcome());
        bridge.bus().goAway();
        List<String> whileAway = List.of(bridge.post(other).outcome(), bridge.post(other).outcome());

        // Then
        assertThat(outcomes).containsExactly("200 processed", "200 duplicate_skipped");
        assertThat(whileAway).containsExactly("202 queued", "200 duplicate_skipped");
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
    }

    @Test
    void whatIsNotTriedStaysInTheOutbox() {
        // Given
        bridge.with("bridge.delivery.mode", "queued").withEdited("keep-in-outbox.camel.yaml", """
                          - to:
                              id: try-from-outbox
                              uri: direct
                              parameters:
                                name: attempt-to-publish
            """, """
                          - stop:
                              id: not-today
            """).start();

        // When
        Reply reply = bridge.post(bridge.newEvent());

        // Then
        assertThat(reply.word()).isEqualTo("queued");
        await().during(Duration.ofSeconds(2)).untilAsserted(() -> assertThat(bridge.pending()).isEqualTo(1));
        assertThat(bridge.bus().delivered()).isEmpty();
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
    }

    @Test
    void aRejectedEventThatIsNotMadeSafeStaysRejected() {
        // Given
        bridge.withEdited("operate.camel.yaml", """
                          - to:
                              id: park-rejected
                              uri: direct
                              parameters:
                                name: park-in-outbox
            """, "").start();
        SampleEvent late = bridge.newEvent().with("/timestamp", "2020-01-01T00:00:00Z")
                .with("/routingContext/queueId", "late");
        bridge.post(bridge.newEvent().with("/routingContext/queueId", "late"));
        assertThat(bridge.post(late).word()).isEqualTo("ordering_violation");

        // When
        Reply replayed = bridge.send(bridge.operation("/ops/rejected/" + late.id() + "/replay")
                .POST(BodyPublishers.noBody()));

        // Then
        assertThat(replayed.status()).isEqualTo(503);
        assertThat(bridge.manage("/ops/rejected").body()).contains(late.id());
        assertThat(bridge.post(late).word()).isEqualTo("ordering_violation");
    }

    @Test
    void anEventAmongTheNotificationsIsNotAccepted() {
        // Given
        bridge.withEdited(CHECK, MAKE_SAFE, """
                          - to:
                              id: keep-elsewhere
                              uri: outbox:notifications
            """).start();

        // When
        Reply reply = bridge.post(bridge.newEvent());

        // Then
        assertThat(reply.word()).isEqualTo("unanswered");
    }

    @Test
    void whatFailsInARouteOfItsOwnIsAnsweredAsWhereItStoodBefore() {
        // Given
        bridge.withEdited(RECEIVE, """
                        - bean:
                            id: read-json
                            description: Bytes become JSON, or are refused
                            ref: jsonReader
                            method: read
                """, """
                        - to:
                            id: call-read-apart
                            uri: direct:read-apart
                """).withAdded("read-apart.camel.yaml", """
                - route:
                    id: read-apart
                    from:
                      uri: direct:read-apart
                      steps:
                        - bean:
                            ref: jsonReader
                            method: read
                """).start();

        // When
        Reply broken = bridge.post("{");
        Reply whole = bridge.post(bridge.newEvent());

        // Then
        assertThat(broken.word()).isEqualTo("malformed_json");
        assertThat(whole.word()).isEqualTo("processed");
    }

    @Test
    void whoIsNotStoppedIsServedAsEver() {
        // Given
        bridge.withEdited(CHECK, MAKE_SAFE, STOP_ONE_KIND + MAKE_SAFE).start();

        // When
        Reply other;
        try (LoggedLines lines = new LoggedLines()) {
            bridge.post(eventOfThatKind());
            other = bridge.post(bridge.newEvent().with("/eventType", "routing:conversation:queued"));

            // Then
            assertThat(lines.all()).filteredOn(line -> line.contains("without a reply")).singleElement().asString()
                    .contains("route=accept-routing-event step=stop-this-kind");
        }
        assertThat(other.status()).isEqualTo(200);
        assertThat(other.word()).isEqualTo("processed");
    }

    /** Somebody whom a step asks, and who answers once all that are to ask have done so. */
    private static final class Agents implements AutoCloseable {

        private final CountDownLatch allAsk = new CountDownLatch(ASKING);
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final HttpServer server;

        Agents() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                allAsk.countDown();
                try {
                    allAsk.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                exchange.sendResponseHeaders(200, 5);
                exchange.getResponseBody().write("Agent".getBytes(StandardCharsets.UTF_8));
                exchange.close();
            });
            server.start();
        }

        /** With the step that asks before these. */
        String askedBefore(String steps) {
            return """
                - to:
                    id: look-up-agent
                    uri: http://127.0.0.1:PORT/agents
                    variableReceive: agent
                    parameters:
                      httpMethod: GET
                      connectionsPerRoute: 100
                """.replace("PORT", Integer.toString(server.getAddress().getPort())).indent(steps.indexOf('-')) + steps;
        }

        @Override
        public void close() {
            server.stop(0);
            threads.shutdownNow();
        }
    }

    /** Where the exchange is when it comes to the step that waits. */
    private enum Place {

        EVENT_LOOP("0s", 0), BEHIND_THE_WINDOW("50ms", 0), LARGE_EVENTS("0s", 290_000);

        private final String window;
        private final int more;

        Place(String window, int more) {
            this.window = window;
            this.more = more;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStepThatWaitsHoldsUpNobody(Place place) throws Exception {
        // Given
        try (Agents agents = new Agents(); LoggedLines lines = new LoggedLines()) {
            bridge.with("bridge.ordering.window", place.window).with("bridge.oversize.policy", "trim")
                    .withEdited(CHECK, MAKE_SAFE, agents.askedBefore(MAKE_SAFE)).start();

            // When
            List<CompletableFuture<Reply>> replies = IntStream.range(0, ASKING).mapToObj(i -> bridge.postAsync(bridge
                    .newEvent().with("/routingContext/notes", List.of("x".repeat(place.more))).json())).toList();

            // Then
            assertThat(replies).allSatisfy(reply -> assertThat(reply.get(30, TimeUnit.SECONDS).status())
                    .isEqualTo(200));
            assertThat(lines.all()).filteredOn(line -> line.contains("Step look-up-agent may wait")).hasSize(1);
            assertThat(bridge.bus().delivered()).hasSize(ASKING);
        }
    }

    @Test
    void aStepThatWaitsHoldsUpNobodyInTheOutbox() throws Exception {
        // Given
        String tryIt = """
                          - to:
                              id: try-from-outbox
            """;
        try (Agents agents = new Agents()) {
            bridge.with("bridge.delivery.mode", "queued")
                    .withEdited("keep-in-outbox.camel.yaml", tryIt, agents.askedBefore(tryIt)).start();

            // When
            IntStream.range(0, ASKING).mapToObj(i -> bridge.postAsync(bridge.newEvent().json())).toList()
                    .forEach(CompletableFuture::join);

            // Then
            await().atMost(Duration.ofSeconds(20)).until(() -> bridge.bus().deliveredCount() == ASKING);
        }
    }

    @Test
    void aStepThatWaitsHoldsUpNoOtherDuplicate() throws Exception {
        // Given
        String duplicate = """
                              - bean:
                                  id: audit-duplicate
            """;
        try (Agents agents = new Agents()) {
            bridge.withEdited(CHECK, duplicate, agents.askedBefore(duplicate)).start();
            SampleEvent event = bridge.newEvent();
            bridge.bus().latency(Duration.ofMillis(500));

            // When
            List<CompletableFuture<Reply>> replies = IntStream.rangeClosed(0, ASKING)
                    .mapToObj(i -> bridge.postAsync(event.json())).toList();

            // Then
            assertThat(replies).allSatisfy(reply -> assertThat(reply.get(30, TimeUnit.SECONDS).status())
                    .isEqualTo(200));
            assertThat(bridge.bus().timesDelivered(event.id())).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wireTap", "to"})
    void anEventIsItsJsonForAFile(String how) throws Exception {
        // Given
        Path file = bridge.directory().toAbsolutePath().resolve("tapped/event.json");
        bridge.withEdited(CHECK, MAKE_SAFE, """
                          - HOW:
                              id: keep-a-copy
                              uri: file:DIRECTORY?fileName=event.json
            """.replace("HOW", how).replace("DIRECTORY", file.getParent().toString()) + MAKE_SAFE).start();
        SampleEvent event = bridge.newEvent();

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.status()).isEqualTo(200);
        await().untilAsserted(() -> assertThat(file).hasContent(event.json()));
    }

    @Test
    void anEventsFieldsAreReadBySimple() {
        // Given
        bridge.withEdited(CHECK, MAKE_SAFE, """
                          - filter:
                              id: another-queue
                              expression:
                                simple:
                                  expression: ${body.queueId} == 'closed' && ${body.id} != null
                              steps:
                                - stop:
                                    id: not-for-us
            """ + MAKE_SAFE).start();

        // When
        Reply closed = bridge.post(bridge.newEvent().with("/routingContext/queueId", "closed"));
        Reply open = bridge.post(bridge.newEvent().with("/routingContext/queueId", "open"));

        // Then
        assertThat(closed.word()).isEqualTo("unanswered");
        assertThat(open.word()).isEqualTo("processed");
    }

    @Test
    void aHeaderForTheDataLakeArrives() {
        // Given
        bridge.withEdited("notify-data-lake.camel.yaml", """
                    - setHeader:
                        id: notification-type
            """, """
                    - setHeader:
                        id: notification-version
                        name: X-Version
                        expression:
                          constant:
                            expression: "7"
                    - setHeader:
                        id: notification-type
            """).start();

        // When
        bridge.post(bridge.newEvent());

        // Then
        await().untilAsserted(() -> assertThat(bridge.dataLake().requests()).hasSize(1)
                .allSatisfy(call -> assertThat(call.header("X-Version")).contains("7")));
    }

    @Test
    void withoutAdmissionAChunkedBodyIsReadAsEver() {
        // Given
        bridge.withEdited(RECEIVE, """
                    - process:
                        id: admit
                        description: Refuse what is more than the bridge can work on at once
                        ref: admissionLimit
            """, "").start();
        byte[] body = bridge.newEvent().bytes();

        // When
        Reply reply = bridge.send(bridge.request().POST(BodyPublishers.fromPublisher(
                BodyPublishers.ofByteArray(body))));

        // Then
        assertThat(reply.word()).isEqualTo("processed");
    }

    @Test
    void aFileThatSortsFirstLeavesOneBeanOfEach() {
        // Given
        bridge.withAdded("aaa-first.camel.yaml", """
            - route:
                id: first-of-all
                from:
                  uri: direct
                  parameters:
                    name: first-of-all
                  steps:
                    - log:
                        message: first
            """).start();

        // When
        Reply reply = bridge.post(bridge.newEvent());

        // Then
        assertThat(reply.word()).isEqualTo("processed");
        assertThat(bridge.metric("bridge_events_total{outcome=\"processed\"}")).isEqualTo(1);
        await().untilAsserted(() -> assertThat(bridge.metric("bridge_inflight")).isZero());
    }

    @Test
    void aBeanOfARouteFilesOwnMayHaveOneOfTheBridges() {
        // Given
        bridge.with("bridge.delivery.mode", "queued").withAdded("beans-of-ours.camel.yaml", """
            - beans:
                - name: isKept
                  type: org.routingbridge.outbox.HasToQueue
                  constructors:
                    0: "#bean:outbox"
            """).withEdited(CHECK, MAKE_SAFE, """
                          - filter:
                              id: what-would-be-kept
                              expression:
                                ref:
                                  expression: isKept
                              steps:
                                - stop:
                                    id: not-kept
            """ + MAKE_SAFE).start();

        // When
        Reply reply = bridge.post(bridge.newEvent());

        // Then
        assertThat(reply.word()).isEqualTo("unanswered");
        assertThat(bridge.metric("bridge_outbox_depth")).isZero();
    }

    @ParameterizedTest
    @EnumSource(RouteFault.class)
    void whatIsWrongIsToldAtTheStartWithItsFileAndLine(RouteFault fault) {
        // Given
        bridge.withEdited(fault.file(), fault.before(), fault.after());

        // When
        String said = bridge.startInVain();

        // Then
        assertThat(said).contains(fault.said()).containsPattern(fault.file().replace(".", "\\.") + ":\\d+: ")
                .doesNotContain("\tat ");
        assertThat(said.lines()).hasSize(1);
    }

    @Test
    void aStepWithoutAnIdIsRemarkedAndStopsNothing() {
        // Given
        bridge.withEdited(RECEIVE, """
                        - bean:
                            id: read-json
                """, """
                        - bean:
                """);

        // When
        try (LoggedLines lines = new LoggedLines()) {
            bridge.start();

            // Then
            assertThat(lines.all()).filteredOn(line -> line.contains("Remarks on the routes")).singleElement()
                    .asString().contains("number=1", RECEIVE, "step bean", "has no id of its own");
        }
        assertThat(bridge.post(bridge.newEvent()).word()).isEqualTo("processed");
    }

    @Test
    void anEventThatIsSafeIsNotTakenTwiceThoughItsReplyIsMissing() {
        // Given
        bridge.withEdited(CHECK, ANSWER, """
                            - log:
                                id: said-in-the-log-alone
                                message: accepted
            """).start();
        SampleEvent event = bridge.newEvent();

        // When
        Reply first = bridge.post(event);
        Reply second = bridge.post(event);

        // Then
        assertThat(first.word()).isEqualTo("unanswered");
        assertThat(second.word()).isEqualTo("duplicate_skipped");
        assertThat(bridge.bus().delivered()).hasSize(1);
    }
}
