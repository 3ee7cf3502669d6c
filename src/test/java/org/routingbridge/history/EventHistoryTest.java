package org.routingbridge.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.routingbridge.ClockForTests;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.UnvalidatedEvent;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PutResult;
import org.routingbridge.eventbridge.PutResult.Kind;

/** What is remembered of each event, and how much of it. */
class EventHistoryTest {

    private final ClockForTests clock = new ClockForTests(EventsForTests.RECEIVED_AT);
    private final EventHistory history = new EventHistory(clock, 64 * 1024 * 1024);
    private final CamelContext context = new DefaultCamelContext();

    private static RoutingEvent event() {
        return EventsForTests.event(UUID.randomUUID().toString(), "q1", EventsForTests.RECEIVED_AT);
    }

    private static PublishAttempt attempt(RoutingEvent event, int number, Kind kind, String error) {
        return new PublishAttempt(event, number, List.of(new PutResult(kind, error,
                kind == Kind.ACCEPTED ? "eb-1" : null, Duration.ofMillis(7), true)), 0, 812,
                EventsForTests.RECEIVED_AT);
    }

    private List<Story> list(String... query) {
        Exchange exchange = new DefaultExchange(context);
        StringBuilder parameters = new StringBuilder();
        for (int i = 0; i < query.length; i += 2) {
            parameters.append(parameters.isEmpty() ? "" : "&").append(query[i]).append('=').append(query[i + 1]);
        }
        exchange.getMessage().setHeader(Exchange.HTTP_QUERY, parameters.toString());
        return history.list(exchange);
    }

    private static List<String> steps(Story story) {
        return story.steps().stream().map(step -> step.step() + " " + step.result()).toList();
    }

    @Test
    void anEventThatFailedOnceWaitedAndWentOutHasAllOfIt() {
        // Given
        RoutingEvent event = event();

        // When
        clock.pass(Duration.ofMillis(10));
        history.attempted(attempt(event, 1, Kind.UNAVAILABLE, "UNAVAILABLE: Connection refused"));
        history.queued(event);
        clock.pass(Duration.ofSeconds(30));
        history.attempted(attempt(event, 2, Kind.ACCEPTED, null));
        history.dataLake(event.id(), DataLakeState.WAITING, "status 503");
        history.dataLake(event.id(), DataLakeState.TOLD, null);

        // Then
        Story story = history.story(event.id());
        assertThat(steps(story)).containsExactly("received passed", "secret passed", "media_type passed",
                "body_size passed", "json passed", "schema passed", "duplicate passed", "entry_size passed",
                "ordering passed", "attempt 1 failure", "outbox queued", "attempt 2 success");
        assertThat(story.steps().get(9)).isEqualTo(new Story.Step("2026-05-04T12:00:00.010Z", "attempt 1", "failure",
                7L, "UNAVAILABLE: Connection refused"));
        assertThat(story).extracting(Story::id, Story::eventType, Story::queueId, Story::receivedAt, Story::outcome)
                .containsExactly(event.id(), "routing:queue:member:added", "q1", "2026-05-04T12:00:00.000Z",
                        "processed");
        assertThat(story.entry()).isEqualTo(new Story.Entry(812, "eb-1"));
        assertThat(story.dataLake()).isEqualTo(new Story.DataLake("told", "2026-05-04T12:00:30.010Z", null));
    }

    @Test
    void whatIsRefusedHasPassedTheChecksBeforeAndNoOther() {
        // Given
        RoutingEvent event = event();
        Refused late = new Refused(Refusal.ORDERING_VIOLATION, "too late");

        // When
        history.rejected(event, late.refusal().code(), late.getMessage());
        history.rejected(new Delivery(name -> null, new byte[0], EventsForTests.RECEIVED_AT), "malformed_json", "no");

        // Then
        assertThat(steps(history.story(event.id()))).endsWith("entry_size passed", "ordering failed",
                "reply ordering_violation");
        assertThat(list()).extracting(Story::outcome).containsExactly("malformed_json", "ordering_violation");
        assertThat(list().get(0).id()).isNull();
    }

    @Test
    void aRepetitionChangesNothingOfWhatBecameOfIt() {
        // Given
        RoutingEvent event = event();
        history.attempted(attempt(event, 1, Kind.ACCEPTED, null));

        // When
        history.duplicate(event);
        history.rejected(event, "schema_violation", "sent again, and broken");

        // Then
        assertThat(history.story(event.id()).outcome()).isEqualTo("processed");
        assertThat(list()).hasSize(1);
    }

    @Test
    void theNewestTenThousandAreKnown() {
        // Given
        List<RoutingEvent> events = IntStream.range(0, EventHistory.MOST + 5).mapToObj(i -> event()).toList();

        // When
        events.forEach(history::queued);

        // Then
        assertThat(list("limit", "1000")).first().extracting(Story::id).isEqualTo(events.get(events.size() - 1).id());
        assertThatThrownBy(() -> history.story(events.get(4).id())).isInstanceOf(Refused.class);
        assertThat(history.story(events.get(5).id()).outcome()).isEqualTo("queued");
    }

    @Test
    void aStoryInTheRoomOfAnotherHasNothingOfThat() {
        // Given
        for (int i = 0; i < EventHistory.MOST; i++) {
            RoutingEvent former = event();
            history.attempted(attempt(former, 1, Kind.ACCEPTED, null));
            history.attempted(attempt(former, 2, Kind.REFUSED, "refused"));
            history.rejected(former, Refusal.ENTRY_TOO_LARGE.code(), "too large");
            history.dataLake(former.id(), DataLakeState.WAITING, "status 503");
        }
        RoutingEvent event = event();

        // When
        history.duplicate(event);

        // Then
        Story story = history.story(event.id());
        assertThat(steps(story)).containsExactly("received passed", "secret passed", "media_type passed",
                "body_size passed", "json passed", "schema passed", "duplicate failed", "reply duplicate_skipped");
        assertThat(story).extracting(Story::outcome, Story::entry, Story::dataLake)
                .containsExactly("duplicate_skipped", null, null);
    }

    @Test
    void whatComesAfterAnEventIsForgottenIsOfNoOther() {
        // Given
        RoutingEvent forgotten = event();
        history.queued(forgotten);
        IntStream.range(0, EventHistory.MOST).forEach(i -> history.queued(event()));

        // When
        history.dataLake(forgotten.id(), DataLakeState.LOST, "late");

        // Then
        assertThat(list("limit", "1000", "offset", "9000")).hasSize(1000).extracting(Story::dataLake)
                .containsOnlyNulls();
        history.attempted(attempt(forgotten, 7, Kind.ACCEPTED, null));
        assertThat(steps(history.story(forgotten.id()))).endsWith("ordering passed", "attempt 7 success");
    }

    @Test
    void thereIsRoomForSoManyBytesAndTheOldestMakeIt() {
        // Given
        EventHistory small = new EventHistory(Clock.systemUTC(), 100_000);
        List<RoutingEvent> events = IntStream.range(0, 500).mapToObj(i -> event()).toList();

        // When
        events.forEach(event -> small.deadLettered(event, "x".repeat(100_000)));

        // Then
        assertThatThrownBy(() -> small.story(events.get(300).id())).isInstanceOf(Refused.class);
        Story newest = small.story(events.get(499).id());
        assertThat(newest.steps()).last().extracting(Story.Step::error).asString().hasSize(512);
        assertThat(events.stream().filter(event -> isKnown(small, event)).count()).isBetween(30L, 100L);
    }

    private static boolean isKnown(EventHistory history, RoutingEvent event) {
        try {
            return history.story(event.id()) != null;
        } catch (Refused e) {
            return false;
        }
    }

    @Test
    void longIdsWithOneBeginningAreTwoEvents() {
        // Given
        String beginning = "x".repeat(200);

        // When
        history.rejected(new UnvalidatedEvent(new byte[0], "", new ObjectNode(JsonNodeFactory.instance)
                .put("id", beginning + "1"), EventsForTests.RECEIVED_AT, null), "schema_violation",
                "one");
        history.rejected(new UnvalidatedEvent(new byte[0], "", new ObjectNode(JsonNodeFactory.instance)
                .put("id", beginning + "2"), EventsForTests.RECEIVED_AT, null), "schema_violation",
                "two");

        // Then
        assertThat(list()).hasSize(2);
        assertThat(history.story(beginning + "1").steps()).last().extracting(Story.Step::error).isEqualTo("one");
        assertThat(history.story(list().get(0).id()).steps()).last().extracting(Story.Step::error).isEqualTo("two");
    }

    @Test
    void anEventThatIsTriedForADayHasItsFirstAndItsLastAttempts() {
        // Given
        RoutingEvent event = event();

        // When
        for (int number = 1; number <= 1000; number++) {
            history.attempted(attempt(event, number, Kind.THROTTLED, "ThrottlingException: slow down"));
        }

        // Then
        assertThat(history.story(event.id()).steps()).extracting(Story.Step::step).contains("attempt 1", "attempt 8",
                "attempt 969", "attempt 1000").doesNotContain("attempt 9", "attempt 968");
    }

    @Test
    void theyAreFoundByWhatIsKnownOfThem() {
        // Given
        RoutingEvent one = EventsForTests.event("11111111-0000-4000-8000-000000000001", "sales",
                EventsForTests.RECEIVED_AT);
        RoutingEvent other = EventsForTests.event("22222222-0000-4000-8000-000000000002", "service",
                EventsForTests.RECEIVED_AT);
        history.queued(one);
        history.attempted(attempt(other, 1, Kind.ACCEPTED, null));

        // When, Then
        assertThat(list("id", "1111")).extracting(Story::id).containsExactly(one.id());
        assertThat(list("queue", "service")).extracting(Story::id).containsExactly(other.id());
        assertThat(list("outcome", "queued")).extracting(Story::id).containsExactly(one.id());
        assertThat(list("type", "routing:queue:member:added")).hasSize(2);
        assertThat(list("type", "routing:other")).isEmpty();
        assertThat(list("from", "2026-05-04T12:00:00Z", "to", "2026-05-04T12:00:01Z")).hasSize(2);
        assertThat(list("to", "2026-05-04T12:00:00Z")).isEmpty();
        assertThat(list("limit", "1", "offset", "1")).extracting(Story::id).containsExactly(one.id());
        assertThatThrownBy(() -> list("limit", "many")).isInstanceOf(Refused.class);
    }
}
