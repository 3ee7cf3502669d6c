package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.SharedBridge;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** What operators do with dead letters (contract, section 8). All share a bridge but those that alter its settings. */
class DeadLettersTest {

    private static final String LIST = "/ops/dead-letters";

    @RegisterExtension
    private static final SharedBridge SHARED = new SharedBridge(BridgeUnderTest::new);

    private static BridgeUnderTest bridge;

    private OperatorsList list;

    @BeforeEach
    void begin() {
        bridge = SHARED.bridge();
        list = new OperatorsList(bridge, LIST);
    }

    private SampleEvent deadLetter() {
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().forEventId(event.id(), 1, Fault.REFUSE_ENTRY);
        assertThat(bridge.post(event).outcome()).isEqualTo("202 dead_lettered");
        return event;
    }

    private List<SampleEvent> deadLetters(int count) {
        List<SampleEvent> letters = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            letters.add(deadLetter());
        }
        return letters;
    }

    private static List<String> newestFirst(List<SampleEvent> letters) {
        List<String> ids = new ArrayList<>(letters.stream().map(SampleEvent::id).toList());
        Collections.reverse(ids);
        return ids;
    }

    @Test
    void withoutAnyTheListIsEmpty() {
        // When
        Reply reply = bridge.manage(LIST);

        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).startsWith("application/json");
        assertThat(reply.body()).isEqualTo("[]");
    }

    @Test
    void whatEventBridgeRefusesFromTheOutboxIsADeadLetterWithItsAuditLine() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.bus().goAway();
        assertThat(bridge.post(event).outcome()).isEqualTo("202 queued");
        bridge.bus().faults().forEventId(event.id(), 1, Fault.REFUSE_ENTRY);

        // When
        bridge.bus().comeBack();

        // Then
        await().until(() -> bridge.pending() == 0);
        assertThat(list.ids("")).containsExactly(event.id());
        await().untilAsserted(() -> assertThat(bridge.auditStatuses(event.id()))
                .startsWith("FAILURE").contains("QUEUED").endsWith("FAILURE", "DEAD_LETTERED"));
        assertThat(bridge.post(event).outcome()).isEqualTo("200 duplicate_skipped");
    }

    @Test
    void aDeadLetterShowsItsEventAndWhyItIsOne() {
        // Given
        Instant before = Instant.now().minusMillis(1);
        SampleEvent event = deadLetter();

        // When
        Reply reply = bridge.manage(LIST);

        // Then
        assertThat(reply.json()).hasSize(1);
        JsonNode letter = reply.json().get(0);
        assertThat(letter.fieldNames()).toIterable()
                .containsExactlyInAnyOrder("id", "eventId", "reason", "attempts", "at", "event");
        assertThat(letter.path("id").asText()).isEqualTo(event.id());
        assertThat(letter.path("eventId").asText()).isEqualTo(event.id());
        assertThat(letter.path("reason").asText()).contains("NotAuthorizedForSourceException");
        assertThat(letter.path("attempts").asInt()).isEqualTo(1);
        assertThat(Instant.parse(letter.path("at").asText())).isBetween(before, Instant.now());
        assertThat(letter.path("event")).isEqualTo(event.tree());
        assertThat(bridge.metric("bridge_dead_letters")).isEqualTo(1);
    }

    @Test
    void theyComeNewestFirstAndPageByPage() {
        // Given
        List<String> all = newestFirst(deadLetters(7));

        // When
        List<String> first = list.ids("?limit=3");
        List<String> second = list.ids("?limit=3&offset=3");
        List<String> last = list.ids("?limit=3&offset=6");
        List<String> beyond = list.ids("?offset=7");

        // Then
        assertThat(list.ids("")).isEqualTo(all);
        assertThat(first).isEqualTo(all.subList(0, 3));
        assertThat(second).isEqualTo(all.subList(3, 6));
        assertThat(last).isEqualTo(all.subList(6, 7));
        assertThat(beyond).isEmpty();
    }

    @Test
    void aPageHasAThousandAtMost() {
        // Given
        bridge.bus().faults().always(Fault.REFUSE_ENTRY);
        List<Integer> statuses = IntStream.range(0, 1005).parallel()
                .mapToObj(i -> bridge.post(bridge.newEvent()).status()).toList();
        assertThat(statuses).containsOnly(202);

        // When
        List<String> page = list.ids("?limit=100000");

        // Then
        assertThat(page).hasSize(1000).doesNotHaveDuplicates();
        assertThat(list.ids("?limit=1000&offset=1000")).hasSize(5).doesNotContainAnyElementsOf(page);
        assertThat(list.ids("")).hasSize(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?limit=-1", "?limit=many", "?offset=1.5", "?offset=-3", "?limit=99999999999999999999",
        "?from=%2B999999999-12-31T23:59:59Z", "?to=-999999999-01-01T00:00:00Z"})
    void aPageThatIsNoNumberIsRefused(String query) {
        // When
        Reply reply = bridge.manage(LIST + query);

        // Then
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().path("message").asText()).isNotEmpty();
    }

    @Test
    void oneIsReplayedAndGoneFromTheList() {
        // Given
        List<SampleEvent> letters = deadLetters(3);
        SampleEvent event = letters.get(1);

        // When
        Reply reply = list.replay(event.id());

        // Then
        assertThat(reply.status()).isEqualTo(202);
        assertThat(reply.json().path("replayed").asInt()).isEqualTo(1);
        assertThat(list.ids("")).containsExactly(letters.get(2).id(), letters.get(0).id());
        await().until(() -> bridge.bus().timesDelivered(event.id()) == 1);
        await().until(() -> bridge.pending() == 0);
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
        assertThat(list.replay(event.id()).status()).isEqualTo(404);
    }

    @Test
    void allAreReplayed() {
        // Given
        List<SampleEvent> letters = deadLetters(12);

        // When
        Reply reply = list.replayAll();

        // Then
        assertThat(reply.status()).isEqualTo(202);
        assertThat(reply.json().path("replayed").asInt()).isEqualTo(12);
        assertThat(list.ids("")).isEmpty();
        await().untilAsserted(() -> assertThat(bridge.bus().timesDelivered())
                .containsOnlyKeys(letters.stream().map(SampleEvent::id).toList()));
        assertThat(bridge.bus().timesDelivered().values()).containsOnly(1);
        await().until(() -> bridge.metric("bridge_dead_letters") == 0);
    }

    @Test
    void withoutAnyNoneIsReplayed() {
        // When
        Reply reply = list.replayAll();

        // Then
        assertThat(reply.status()).isEqualTo(202);
        assertThat(reply.json().path("replayed").asInt(-1)).isZero();
    }

    @Test
    void whatIsRefusedAgainIsADeadLetterAgain() {
        // Given
        SampleEvent event = deadLetter();
        bridge.bus().faults().forEventId(event.id(), 1, Fault.REFUSE_ENTRY);

        // When
        list.replay(event.id());

        // Then
        await().until(() -> bridge.accounting().at("/outbox/dead_lettered").asInt() == 1);
        assertThat(bridge.deadLetters(event.id())).hasSize(1);
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
        assertThat(bridge.metric("bridge_dead_letters")).isEqualTo(1);
    }

    @Test
    void aDeletedOneIsGoneButItsIdCountsAsSeen() {
        // Given
        SampleEvent event = deadLetter();
        SampleEvent other = deadLetter();

        // When
        Reply reply = list.delete(event.id());

        // Then
        assertThat(reply.status()).isEqualTo(204);
        assertThat(reply.body()).isEmpty();
        assertThat(list.ids("")).containsExactly(other.id());
        assertThat(list.delete(event.id()).status()).isEqualTo(404);
        assertThat(bridge.post(event).outcome()).isEqualTo("200 duplicate_skipped");
    }

    @Test
    void anUnknownIdIsNotFound() {
        // Given
        SampleEvent event = deadLetter();
        String unknown = UUID.randomUUID().toString();

        // When
        Reply replayed = list.replay(unknown);
        Reply deleted = list.delete(unknown);

        // Then
        assertThat(replayed.outcome()).isEqualTo("404 not_found");
        assertThat(deleted.outcome()).isEqualTo("404 not_found");
        assertThat(list.ids("")).containsExactly(event.id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"' OR '1'='1", "x' OR eventId IS NOT NULL --", "%", "*", "../dead-letters", "datalake-",
        "datalake-' OR '1'='1", "null", "ü", "\u0000", "a b", "\"", "${body}", "replay"})
    void anOddIdHarmsNothing(String id) {
        // Given
        SampleEvent event = deadLetter();
        String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");

        // When
        Reply replayed = list.replay(encoded);
        Reply deleted = list.delete(encoded);

        // Then
        assertThat(List.of(replayed.status(), deleted.status())).isSubsetOf(400, 404, 405);
        assertThat(replayed.body() + deleted.body()).doesNotContain("Exception", "org.apache");
        assertThat(list.ids("")).containsExactly(event.id());
    }

    @Test
    void aVeryLongIdHarmsNothing() {
        // Given
        SampleEvent event = deadLetter();

        // When
        Reply reply = list.delete("a".repeat(3000));

        // Then
        assertThat(reply.status()).isEqualTo(404);
        assertThat(list.ids("")).containsExactly(event.id());
    }

    /** What a script sends whose variable is empty, or that has mistaken a parameter. */
    @ParameterizedTest
    @CsvSource({"DELETE, /", "DELETE, /.", "DELETE, //", "DELETE, /x/..", "DELETE, /%2e", "POST, //replay",
        "POST, /./replay", "POST, /replay/", "DELETE, ?dryRun=1", "DELETE, ?dryRun=TRUE", "DELETE, ?dryRun=",
        "DELETE, ?dryRun=true&dryRun=true", "DELETE, ?resaon=NoSuch", "DELETE, ?limit=1", "DELETE, ?from=",
        "DELETE, ?reason=a&reason=b", "POST, /replay?dryRun=yes", "POST, /replay?offset=1", "DELETE, /ID?dryRun=true",
        "POST, /ID/replay?dryRun=true"})
    void anActThatMayMeanLessThanItSaysDoesNothing(String method, String path) {
        // Given
        List<String> letters = newestFirst(deadLetters(2));

        // When
        Reply reply = bridge.send(bridge.operation(LIST + path.replace("ID", letters.get(0)))
                .method(method, BodyPublishers.noBody()));

        // Then
        assertThat(reply.status()).isIn(400, 404);
        assertThat(reply.json().path("message").asText()).isNotEmpty();
        assertThat(list.ids("")).isEqualTo(letters);
    }

    @Test
    void aFormIsNoWayToSayWhichAreMeant() {
        // Given
        List<String> letters = newestFirst(deadLetters(2));

        // When
        Reply reply = bridge.send(bridge.operation(LIST).header("Content-Type", "application/x-www-form-urlencoded")
                .method("DELETE", BodyPublishers.ofString("dryRun=true")));

        // Then
        assertThat(reply.outcome()).isEqualTo("400 malformed_request");
        assertThat(list.ids("")).isEqualTo(letters);
    }

    @Test
    void headersAreNoParameters() {
        // Given
        List<String> letters = newestFirst(deadLetters(2));

        // When
        Reply reply = bridge.send(bridge.operation(LIST).header("From", "me@example.com").header("limit", "1")
                .header("reason", "none"));

        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json()).hasSize(2);
        assertThat(letters).hasSize(2);
    }

    @Test
    void ofManyWhoDeleteOrReplayOneAtOnceOneIsToldThatItDid() {
        for (boolean replay : new boolean[] {true, false}) {
            // Given
            SampleEvent event = deadLetter();

            // When
            List<Integer> statuses = IntStream.range(0, 16).parallel()
                    .mapToObj(i -> (replay ? list.replay(event.id()) : list.delete(event.id())).status()).toList();

            // Then
            assertThat(statuses).containsOnlyOnce(replay ? 202 : 204);
            assertThat(statuses).filteredOn(status -> status == 404).hasSize(15);
        }
    }

    /** As the reply to its replay asks: mended, sent to the webhook, and the damaged one deleted. */
    @ParameterizedTest
    @ValueSource(strings = {"event_text = '{}'", "reason_code = 'damaged', reason = 'damaged'"})
    void anEventWhoseDeadLetterTheDiskHasChangedIsWelcomeAgain(String change) throws Exception {
        // Given
        SampleEvent event = deadLetter();
        bridge.stop();
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:"
                + bridge.directory().resolve("data").resolve("bridge.db"));
             Statement statement = database.createStatement()) {
            statement.executeUpdate("update dead_letter set " + change);
        }
        bridge.start();
        Reply refused = list.replay(event.id());

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(refused.outcome()).isEqualTo("400 malformed_request");
        assertThat(reply.outcome()).isEqualTo("200 processed");
        assertThat(list.delete(event.id()).status()).isEqualTo(204);
        assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1);
        assertThat(bridge.post(event).outcome()).isEqualTo("200 duplicate_skipped");
    }

    @Test
    void theyAreThereAfterARestartAndTheirIdsCountAsSeen() {
        // Given
        List<SampleEvent> letters = deadLetters(3);

        // When
        bridge.restart();

        // Then
        assertThat(list.ids("")).isEqualTo(newestFirst(letters));
        assertThat(bridge.metric("bridge_dead_letters")).isEqualTo(3);
        assertThat(bridge.post(letters.get(0)).outcome()).isEqualTo("200 duplicate_skipped");
        assertThat(list.replay(letters.get(0).id()).status()).isEqualTo(202);
        await().until(() -> bridge.bus().timesDelivered(letters.get(0).id()) == 1);
    }

    @Test
    @Tag(SharedBridge.LAST)
    void aReplayTakesNoMoreRoomAndSoFindsSomeInAFullStore() {
        // Given
        List<SampleEvent> letters = deadLetters(2);
        bridge.stop();
        bridge.with("bridge.outbox.max.bytes", 2_500).start();
        bridge.bus().goAway();
        await().atMost(Duration.ofSeconds(20)).until(() -> bridge.post(bridge.newEvent()).status() == 503);

        // When
        Reply reply = list.replay(letters.get(0).id());

        // Then
        assertThat(reply.status()).isEqualTo(202);
        assertThat(list.ids("")).containsExactly(letters.get(1).id());
        assertThat(bridge.pending()).isEqualTo(1);
    }
}
