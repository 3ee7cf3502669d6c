package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;
import org.routingbridge.store.ClaimTable;
import org.routingbridge.store.PostgresAddress;
import org.routingbridge.store.PostgresForTests;

/** Two bridges on one PostgreSQL behave as one (contract, section 10). */
class TwoBridgesRouteTest {

    private static final int MANY = 100;
    private static final String UNDEDUPLICATED = "bridge_undeduplicated_total";
    private static final String ONCE_EACH = """
                - idempotentConsumer:
                    id: once-each
        """;

    private static final PostgresForTests SERVER = PostgresForTests.shared();
    private static BridgeUnderTest one;
    private static BridgeUnderTest other;
    private static String url;

    private final EventFactory events = new EventFactory();

    @BeforeAll
    static void startTwo() {
        url = SERVER.newDatabase();
        one = new BridgeUnderTest().withRegistration().with("bridge.store.url", url)
                .with("bridge.registration.period", "1s").without("bridge.datalake.url");
        other = one.another();
        one.start();
        other.start();
    }

    /** Two that nobody has sent anything to. */
    private static void startTwoAnew() {
        end();
        startTwo();
    }

    @AfterAll
    static void end() {
        try {
            other.close();
        } finally {
            one.close();
        }
    }

    @AfterEach
    void calm() {
        one.calm();
        Stream.of(one, other).forEach(bridge -> await("a bridge that publishes at once").untilAsserted(() ->
                assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("200 processed")));
    }

    @Test
    void anEventSentToOneAndThenToTheOtherIsPublishedOnce() {
        for (int i = 0; i < MANY; i++) {
            SampleEvent event = one.newEvent();
            assertThat(one.post(event).outcome()).isEqualTo("200 processed");
            assertThat(other.post(event).outcome()).isEqualTo("200 duplicate_skipped");
            assertThat(one.bus().timesDelivered(event.id())).isEqualTo(1);
        }
    }

    @Test
    void anEventSentToBothAtOnceIsPublishedOnce() {
        // Given
        startTwoAnew();
        List<SampleEvent> sent = new ArrayList<>();
        List<CompletableFuture<Reply>> replies = new ArrayList<>();

        // When
        for (int i = 0; i < MANY; i++) {
            SampleEvent event = one.newEvent();
            sent.add(event);
            Stream.of(one, other).forEach(bridge -> replies.add(bridge.postAsync(event.json())));
        }

        // Then
        List<String> outcomes = replies.stream().map(reply -> reply.join().outcome()).toList();
        assertThat(outcomes).filteredOn("200 processed"::equals).hasSize(MANY);
        assertThat(outcomes).filteredOn("200 duplicate_skipped"::equals).hasSize(MANY);
        assertThat(sent).allSatisfy(event -> assertThat(one.bus().timesDelivered(event.id())).isEqualTo(1));
        assertSumIs(2 * MANY);
    }

    private void assertSumIs(int received) {
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            JsonNode books = one.accounting();
            assertThat(books.path("balanced").asBoolean()).isTrue();
            assertThat(books.path("bridges")).hasSize(2).allSatisfy(bridge -> {
                assertThat(bridge.path("name").asText()).matches(".+:\\d+");
                assertThat(bridge.path("balanced").asBoolean()).isTrue();
            });
            assertThat(books.at("/sum/received").asInt()).isEqualTo(received);
            assertThat(books.at("/sum/balanced").asBoolean()).isTrue();
        });
    }

    @Test
    void anEventThatIsOlderThanTheNewestAtTheOtherIsRefused() {
        for (int i = 0; i < MANY / 2; i++) {
            String queue = "queue-" + UUID.randomUUID();
            assertThat(one.post(events.validEvent(events.newId(), queue, Instant.now())).outcome())
                    .isEqualTo("200 processed");
            assertThat(other.post(events.validEvent(events.newId(), queue, Instant.now().minusSeconds(60))).outcome())
                    .isEqualTo("409 ordering_violation");
        }
    }

    @Test
    void whatOneExplainsIsByWhatTheOtherKnows() {
        // Given
        String queue = "queue-" + UUID.randomUUID();
        SampleEvent event = events.validEvent(events.newId(), queue, Instant.now());
        assertThat(one.post(event).outcome()).isEqualTo("200 processed");

        // Then
        assertThat(explained(event)).isEqualTo("duplicate_skipped");
        assertThat(explained(events.validEvent(events.newId(), queue, Instant.now().minusSeconds(60))))
                .isEqualTo("ordering_violation");
        assertThat(explained(events.validEvent(events.newId(), queue, Instant.now()))).isEqualTo("processed");
    }

    private String explained(SampleEvent event) {
        return other.send(other.operation("/ops/explain").header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(event.json()))).json().path("outcome").asText();
    }

    @Test
    void aBridgeStartsWithoutItsStoreAndJoinsLater() {
        // Given
        other.stop();
        SERVER.freeze();
        try {
            // When
            other.start();

            // Then
            SampleEvent event = one.newEvent();
            assertThat(other.post(event).outcome()).isEqualTo("200 processed");
            assertThat(other.readiness().status()).isEqualTo(503);
        } finally {
            SERVER.thaw();
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> other.readiness().status() == 200);
        assertThat(other.accounting().path("bridges")).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void aDuplicateOfWhatWaitsInTheOutboxIsOneAtTheOtherToo() {
        // Given
        SampleEvent event = one.newEvent();
        one.bus().faults().always(Fault.THROTTLE_REQUEST);
        assertThat(one.post(event).outcome()).isEqualTo("202 queued");

        // Then
        assertThat(other.post(event).outcome()).isEqualTo("200 duplicate_skipped");

        // When
        one.bus().faults().none();

        // Then
        await().atMost(Duration.ofSeconds(20)).until(() -> one.bus().timesDelivered(event.id()) == 1);
        assertThat(other.post(event).outcome()).isEqualTo("200 duplicate_skipped");
    }

    @ParameterizedTest
    @EnumSource(names = {"THROTTLE_REQUEST", "RESET_BEFORE"})
    void whatTheOthersCannotBeAskedAboutIsNotKeptForLater(Fault fault) throws SQLException {
        // Given
        SampleEvent event = one.newEvent();
        execute("alter table member rename to hidden");
        try {
            await().atMost(Duration.ofSeconds(10)).until(() -> one.readiness().status() == 503);
            await().atMost(Duration.ofSeconds(10)).until(() -> one.post(one.newEvent()).status() == 200
                    && one.metric(UNDEDUPLICATED) > 0);
            one.bus().faults().always(fault);

            // Then
            assertThat(one.post(event).status()).isEqualTo(503);
            assertThat(one.manage("/ops/outbox").body()).doesNotContain(event.id());

            // When
            one.bus().faults().none();

            // Then
            await().atMost(Duration.ofSeconds(10)).until(() -> one.post(event).status() == 200);
        } finally {
            one.bus().faults().none();
            execute("alter table hidden rename to member");
        }
        Stream.of(one, other).forEach(bridge -> await().atMost(Duration.ofSeconds(20)).until(() ->
                bridge.readiness().status() == 200));
        assertThat(one.bus().timesDelivered(event.id())).isEqualTo(1);
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = new PostgresAddress(url, null, null).connect("test");
             PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }

    @Test
    void anIdCountsAsAcceptedForAsLongAsTheStoreHoldsItsEventAndFromThenOnForItsTime() {
        // Given
        SampleEvent refused = one.newEvent();
        one.bus().faults().forEventId(refused.id(), 1, Fault.REFUSE_ENTRY);
        assertThat(one.post(refused).outcome()).isEqualTo("202 dead_lettered");
        assertThat(stateOf(refused)).isEqualTo(ClaimTable.HELD);
        assertThat(other.post(refused).outcome()).isEqualTo("200 duplicate_skipped");

        // When
        assertThat(other.manage("/ops/dead-letters").body()).contains(refused.id());
        assertThat(other.send(other.operation("/ops/dead-letters/" + refused.id()).DELETE()).status()).isEqualTo(204);

        // Then
        assertThat(stateOf(refused)).isEqualTo(ClaimTable.ACCEPTED);
        assertThat(one.post(refused).outcome()).isEqualTo("200 duplicate_skipped");
        assertThat(one.manage("/ops/dead-letters").json()).isEmpty();
    }

    @Test
    void anIdIsNotKeptForGoodByADeadLetterThatWasDamagedAndIsDeleted() throws SQLException {
        // Given
        SampleEvent refused = one.newEvent();
        one.bus().faults().forEventId(refused.id(), 1, Fault.REFUSE_ENTRY);
        assertThat(one.post(refused).outcome()).isEqualTo("202 dead_lettered");
        try (Connection connection = new PostgresAddress(url, null, null).connect("test");
             PreparedStatement statement = connection.prepareStatement("update dead_letter set checksum = -1")) {
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }

        // When
        assertThat(other.send(other.operation("/ops/dead-letters/" + refused.id()).DELETE()).status()).isEqualTo(204);

        // Then
        assertThat(other.post(refused).outcome()).isEqualTo("200 processed");
    }

    private int stateOf(SampleEvent event) {
        try (Connection connection = new PostgresAddress(url, null, null).connect("test");
             PreparedStatement statement = connection.prepareStatement("select state from claim where id = ?")) {
            statement.setObject(1, UUID.fromString(event.id()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatAnEditedRouteFailsWithBeforeItIsTakenIsTheNextOnes() {
        try (BridgeUnderTest third = one.another().withEdited("check-routing-events.camel.yaml", ONCE_EACH, """
                - throwException:
                    id: fails-before
                    exceptionType: java.lang.IllegalStateException
                    message: a step of ours fails
        """ + ONCE_EACH)) {
            third.start();
            SampleEvent event = one.newEvent();
            assertThat(third.post(event).status()).isEqualTo(503);
            assertThat(third.post(event).status()).isEqualTo(503);
            assertThat(one.post(event).outcome()).isEqualTo("200 processed");
        }
    }

    @Test
    void aBridgeWithAnotherSecretDoesNotStart() {
        try (BridgeUnderTest third = one.another().with("bridge.webhook.secret", "another-secret-than-the-others")) {
            assertThat(third.startInVain()).startsWith("WEBHOOK_SECRET (bridge.webhook.secret): ").hasLineCount(1);
        }
    }

    @Test
    void oneOfThemRegistersTheWebhook() {
        startTwoAnew();
        await().until(() -> one.metric("bridge_registration_ok") == 1);
        await().until(() -> one.cxone().webhooks().size() == 1);
        assertThat(one.cxone().webhookRequests("POST")).isEqualTo(1);

        // When
        String id = one.cxone().webhooks().keySet().iterator().next();
        one.stop();
        try {
            one.cxone().removeWebhook(id);

            // Then
            await().atMost(Duration.ofSeconds(20)).until(() -> one.cxone().webhooks().size() == 1);
        } finally {
            one.start();
        }
    }

    @Test
    void aStoreThatStandsStillLetsThroughWhatTheBusTakesAtOnce() {
        // Given
        SampleEvent warm = one.newEvent();
        assertThat(one.post(warm).outcome()).isEqualTo("200 processed");
        SampleEvent event = one.newEvent();
        double undeduplicated = one.metric(UNDEDUPLICATED);
        SERVER.freeze();
        try {
            // When
            long began = System.nanoTime();
            Reply reply = one.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(2500));
            assertThat(one.auditLines(event.id())).anySatisfy(line -> {
                assertThat(line.path("status").asText()).isEqualTo("SUCCESS");
                assertThat(line.path("deduplicated").asBoolean(true)).isFalse();
            });
            assertThat(one.metric(UNDEDUPLICATED)).isGreaterThan(undeduplicated);
            assertThat(one.post(event).outcome()).isEqualTo("200 duplicate_skipped");
            await().atMost(Duration.ofSeconds(10)).until(() -> one.readiness().status() == 503);
        } finally {
            SERVER.thaw();
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> one.readiness().status() == 200);
        await().atMost(Duration.ofSeconds(20)).until(() -> other.readiness().status() == 200);
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() ->
                assertThat(other.post(event).outcome()).isEqualTo("200 duplicate_skipped"));
    }

    @Test
    void nobodyWaitsLongerThanTheBudgetWhereStoreAndBusStandStill() {
        // Given
        assertThat(one.post(one.newEvent()).outcome()).isEqualTo("200 processed");
        SampleEvent event = one.newEvent();
        one.bus().faults().always(Fault.HANG);
        SERVER.freeze();
        try {
            // When
            long began = System.nanoTime();
            Reply reply = one.post(event);

            // Then
            assertThat(reply.status()).isEqualTo(503);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(2500));
        } finally {
            SERVER.thaw();
            one.bus().faults().none();
        }
    }

    @Test
    void whatWaitedInTheWindowFollowsWhatHasGoneToTheOutboxMeanwhile() {
        try (BridgeUnderTest third = one.another().with("bridge.ordering.window", "500ms")) {
            // Given
            third.start();
            String queue = "queue-" + UUID.randomUUID();
            SampleEvent first = events.validEvent(events.newId(), queue, Instant.now());
            SampleEvent second = events.validEvent(events.newId(), queue, Instant.now().plusMillis(5));
            one.bus().faults().forEventId(first.id(), 10, Fault.THROTTLE_ENTRY);

            // When
            CompletableFuture<Reply> one = third.postAsync(first.json());
            CompletableFuture<Reply> two = third.postAsync(second.json());

            // Then
            assertThat(one.join().outcome()).isEqualTo("202 queued");
            assertThat(two.join().outcome()).isEqualTo("202 queued");
        }
    }
}
