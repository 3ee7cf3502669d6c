package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.TraceContext;
import org.routingbridge.settings.SettingsForTests;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;

class EventEntriesTest {

    private static final Duration TOLERANCE = Duration.ofSeconds(10);
    private static final TraceContext TRACE =
            new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true);

    private static EventEntries entries(int limit, Duration afterReceipt) {
        return new EventEntries(SettingsForTests.with("bridge.eventbridge.max.entry.bytes", Integer.toString(limit)),
                Clock.fixed(EventsForTests.RECEIVED_AT.plus(afterReceipt), ZoneOffset.UTC));
    }

    private static EventEntries.Sized only(EventEntries entries, RoutingEvent event) {
        List<EventEntries.Sized> all = entries.entries(entries.fit(event));
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private static String detail(RoutingEvent event) {
        return only(entries(262_144, Duration.ZERO), event).entry().detail();
    }

    /** An event whose entry is, unmarked, of this size. */
    private static RoutingEvent eventOfSize(int bytes) {
        int unpadded = only(entries(262_144, Duration.ZERO), padded(0)).bytes();
        return padded(bytes - unpadded);
    }

    private static RoutingEvent padded(int padding) {
        return EventsForTests.read(EventsForTests.json(EventsForTests.ID, "2026-05-04T12:00:00Z",
                "{\"queueId\":\"q\",\"pad\":\"" + "x".repeat(padding) + "\"}"));
    }

    @Test
    void anEntryIsMadeOfTheEventAndTheSettings() {
        // Given
        RoutingEvent event = EventsForTests.event();

        // When
        PutEventsRequestEntry entry = only(entries(262_144, Duration.ZERO), event).entry();

        // Then
        assertThat(entry.eventBusName()).isEqualTo("bus");
        assertThat(entry.source()).isEqualTo("nice.cxone.routing");
        assertThat(entry.detailType()).isEqualTo("routing:queue:member:added");
        assertThat(entry.time()).isEqualTo(event.timestamp());
        assertThat(entry.hasResources()).isFalse();
    }

    @Test
    void theDetailIsTheReceivedTextByteForByteAndOneProperty() {
        // Given
        String before = "{\n  \"z\": 1.50E+1 ,\"id\":\"" + EventsForTests.ID + "\",\"eventType\":\"routing:\\u0061\","
                + "\"timestamp\":\"2026-05-04T12:00:00+00:00\",\"routingContext\":{ \"a\\/\":\"\\ud83d\\ude00}\" }"
                + ",\"retryDirective\":{}\t";
        RoutingEvent event = EventsForTests.read(" " + before + "}\r\n ");

        // When
        String detail = detail(event);

        // Then
        assertThat(detail).isEqualTo(before + ",\"bridge\":{\"idempotencyToken\":\"" + event.idempotencyToken()
                + "\",\"receivedAt\":\"2026-05-04T12:00:00.000Z\"}}");
    }

    @Test
    void aMarkedEventSaysSo() {
        // When, Then
        assertThat(detail(EventsForTests.event().markedLate())).contains("\"late\":true").doesNotContain("\"future\"");
        assertThat(detail(EventsForTests.event().markedFuture())).contains("\"future\":true")
                .doesNotContain("\"late\"");
    }

    @Test
    void anEventIsNotLateAtTheTolerance() {
        // When, Then
        assertThat(only(entries(262_144, TOLERANCE), EventsForTests.event()).entry().detail()).doesNotContain("late");
    }

    @Test
    void anEventSentLongerThanTheToleranceAfterItCameIsLate() {
        // When, Then
        assertThat(only(entries(262_144, TOLERANCE.plusMillis(1)), EventsForTests.event()).entry().detail())
                .contains("\"late\":true");
    }

    @Test
    void anEntryAtTheLimitLeaves() {
        // When
        EventEntries.Sized entry = only(entries(2000, Duration.ZERO), eventOfSize(2000));

        // Then
        assertThat(entry.bytes()).isEqualTo(2000);
    }

    @Test
    void anEntryAByteOverTheLimitIsRefused() {
        // When
        Refused refused = catchThrowableOfType(Refused.class,
                () -> entries(2000, Duration.ZERO).fit(eventOfSize(2001)));

        // Then
        assertThat(refused.refusal()).isEqualTo(Refusal.ENTRY_TOO_LARGE);
        assertThat(refused.getMessage()).contains("2001", "2000");
    }

    @Test
    void marksAreLeftOutWhereTheyAlonePassTheLimit() {
        // Given
        RoutingEvent event = eventOfSize(2000).markedLate().markedFuture();

        // When
        EventEntries.Sized entry = only(entries(2000, Duration.ZERO), event);

        // Then
        assertThat(entry.entry().detail()).doesNotContain("\"late\"", "\"future\"");
        assertThat(entry.bytes()).isEqualTo(2000);
    }

    @Test
    void marksStayWhereTheyJustFit() {
        // Given
        int mark = ",\"late\":true".length();

        // When
        EventEntries.Sized entry = only(entries(2000, Duration.ZERO), eventOfSize(2000 - mark).markedLate());

        // Then
        assertThat(entry.entry().detail()).contains("\"late\":true");
        assertThat(entry.bytes()).isEqualTo(2000);
    }

    @Test
    void aTraceHeaderCountsAndStaysWhereItJustFits() {
        // Given
        RoutingEvent event = eventOfSize(2000 - TraceContext.X_RAY_BYTES).traced(TRACE);

        // When
        EventEntries.Sized entry = only(entries(2000, Duration.ZERO), event);

        // Then
        assertThat(entry.entry().traceHeader()).isEqualTo(TRACE.xRayHeader());
        assertThat(entry.bytes()).isEqualTo(2000);
    }

    @Test
    void aTraceHeaderIsLeftOutWhereItAlonePassesTheLimitAndTheMarksStay() {
        // Given
        int mark = ",\"late\":true".length();
        RoutingEvent event = eventOfSize(2000 - mark).markedLate().traced(TRACE);

        // When
        EventEntries.Sized entry = only(entries(2000, Duration.ZERO), event);

        // Then
        assertThat(entry.entry().traceHeader()).isNull();
        assertThat(entry.entry().detail()).contains("\"late\":true");
        assertThat(entry.bytes()).isEqualTo(2000);
    }

    @Test
    void theTokenIsTheEventsOwn() {
        // When, Then
        assertThat(detail(EventsForTests.event()))
                .contains("\"idempotencyToken\":\"" + EventsForTests.event().idempotencyToken() + "\"");
    }

    @Test
    void aTimestampKeepsItsMilliseconds() {
        // Given
        RoutingEvent event = EventsForTests.event(EventsForTests.ID, "q", Instant.parse("2026-05-04T11:59:59.987654Z"));

        // When, Then
        assertThat(only(entries(262_144, Duration.ZERO), event).entry().time())
                .isEqualTo(Instant.parse("2026-05-04T11:59:59.987Z"));
    }
}
