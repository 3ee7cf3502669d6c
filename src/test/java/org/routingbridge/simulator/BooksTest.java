package org.routingbridge.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BooksTest {

    private static final EventFate PROCESSED = fate(EventKind.VALID, "a", 200, "processed", 1);
    private static final EventFate REFUSED = fate(EventKind.LATE, "b", 409, "ordering_violation", 1);

    @Test
    void anEventThatWasRefusedMustNotBeOnTheBus() {
        // Given
        Books books = books(List.of(PROCESSED, REFUSED), Map.of("a", 1, "b", 1));

        // When, Then
        assertThat(books.verdict()).contains("1 on the bus without having been accepted (b)");
    }

    @Test
    void eventsThatWereSentByHandAreCountedApart() {
        // Given
        Optional<Map<String, Long>> audit = Optional.of(Map.of("SUCCESS", 2L, "DUPLICATE", 1L, "REJECTED", 1L));
        Books books = new Books(1, List.of(PROCESSED), Map.of("a", 1, "by-hand", 1), Map.of("a", 1, "by-hand", 1),
                audit, OptionalLong.empty(), true);

        // When, Then
        assertThat(books.verdict()).isEqualTo("The books balance.");
        assertThat(books.summary()).contains("sent by others        1  on the bus: 1");
    }

    @Test
    void whatWasSentByHandAndRefusedIsCountedApart() {
        // Given
        Optional<Map<String, Long>> audit = Optional.of(Map.of("SUCCESS", 1L, "REJECTED", 2L));

        // When
        Books books = new Books(1, List.of(PROCESSED), Map.of("a", 1), Map.of("a", 1), audit, OptionalLong.of(3), true);
        Books streamOnly = new Books(1, List.of(PROCESSED), Map.of("a", 1), Map.of("a", 1), audit, OptionalLong.of(1),
                true);

        // Then
        assertThat(books.verdict()).isEqualTo("The books balance.");
        assertThat(books.summary()).containsSubsequence("  unanswered          0",
                "sent by others        2  on the bus: 0", "on the bus            1  once each: yes");
        assertThat(streamOnly.verdict()).contains("the audit log has 2 REJECTED instead of 0");
    }

    @Test
    void aDeadLetterThatWasReplayedMustBeOnTheBus() {
        // Given
        EventFate buried = fate(EventKind.VALID, "c", 202, "dead_lettered", 1);

        // When
        Books lost = new Books(1, List.of(buried), Map.of(), Map.of(), Optional.empty(), Set.of("c"),
                OptionalLong.empty(), false);
        Books published = new Books(1, List.of(buried), Map.of("c", 1), Map.of("c", 1), Optional.empty(), Set.of("c"),
                OptionalLong.empty(), false);

        // Then
        assertThat(lost.verdict()).contains("1 missing on the bus (c)");
        assertThat(published.verdict()).isEqualTo("The books balance.");
    }

    @Test
    void whatAnOperatorReplayedMayBeOnTheBusThoughItWasRefused(@TempDir Path directory) throws Exception {
        // Given
        Path log = directory.resolve("audit.jsonl");
        Files.writeString(log, """
                {"eventId":"a","status":"SUCCESS","action":"EVENTBRIDGE_PUBLISH"}
                {"eventId":"b","status":"REJECTED","action":"EVENTBRIDGE_PUBLISH"}
                {"eventId":"b","status":"SUCCESS","action":"OPERATOR_REPLAY"}
                {"eventId":"b","status":"QUEUED","action":"EVENTBRIDGE_PUBLISH"}
                {"eventId":"b","status":"SUCCESS","action":"EVENTBRIDGE_PUBLISH"}
                """);
        Map<String, Integer> both = Map.of("a", 1, "b", 1);

        // When
        Books books = new Books(2, List.of(PROCESSED, REFUSED), both, both, SandboxRun.readAudit(log),
                SandboxRun.readReplayed(log), OptionalLong.of(2), true);

        // Then
        assertThat(books.verdict()).isEqualTo("The books balance.");
        assertThat(books.summary()).contains("replayed              1  by an operator");
    }

    @Test
    void anEventThatWasSentByHandIsOnTheBusOnceToo() {
        // When, Then
        assertThat(books(List.of(PROCESSED), Map.of("a", 1, "by-hand", 2)).verdict())
                .contains("1 on the bus more than once (by-hand)");
    }

    @Test
    void anUnansweredEventMayBeOnTheBusOrNot() {
        // Given
        EventFate unanswered = fate(EventKind.VALID, "c", 0, "HttpTimeoutException", 6);

        // When, Then
        assertThat(books(List.of(unanswered), Map.of()).verdict()).isEqualTo("The books balance.");
        assertThat(books(List.of(unanswered), Map.of("c", 1)).verdict()).isEqualTo("The books balance.");
    }

    @Test
    void aQueuedEventMustArriveAndADeadLetterNeedNot() {
        // Given
        EventFate queued = fate(EventKind.VALID, "q", 202, "queued", 1);
        EventFate dead = fate(EventKind.VALID, "d", 202, "dead_lettered", 1);

        // When
        Books books = books(List.of(queued, dead), Map.of());

        // Then
        assertThat(books.missing()).containsExactly("q");
    }

    @Test
    void anEventThatIsOnTheBusTwiceIsAMistake() {
        // When, Then
        assertThat(books(List.of(PROCESSED), Map.of("a", 2)).verdict()).contains("1 on the bus more than once (a)");
    }

    @Test
    void aSurpriseCountsOnlyWhereEveryAnswerIsForeseeable() {
        // Given
        EventFate surprise = fate(EventKind.LATE, "a", 200, "processed", 1);
        Optional<Map<String, Long>> audit = Optional.of(Map.of("SUCCESS", 1L));

        // When
        Books strict = new Books(1, List.of(surprise), Map.of("a", 1), Map.of("a", 1), audit,
                OptionalLong.empty(), true);
        Books lenient = new Books(1, List.of(surprise), Map.of("a", 1), Map.of("a", 1), audit,
                OptionalLong.empty(), false);

        // Then
        assertThat(strict.verdict()).contains("1 x LATE answered 200 processed");
        assertThat(lenient.verdict()).isEqualTo("The books balance.");
    }

    @Test
    void theAuditLogMustAgree() {
        // Given
        Books books = new Books(2, List.of(PROCESSED, REFUSED), Map.of("a", 1), Map.of("a", 1),
                Optional.of(Map.of("SUCCESS", 1L)), OptionalLong.empty(), true);

        // When, Then
        assertThat(books.verdict()).contains("the audit log has 0 REJECTED instead of 1");
    }

    @Test
    void theSummaryAddsUp() {
        // When
        List<String> summary = books(List.of(PROCESSED, REFUSED), Map.of("a", 1)).summary();

        // Then
        assertThat(summary).contains("sent                  2", "  processed           1",
                "  refused             1  409 ordering_violation 1", "on the bus            1  once each: yes");
    }

    private static Books books(List<EventFate> fates, Map<String, Integer> onTheBus) {
        return new Books(fates.size(), fates, onTheBus, onTheBus, Optional.empty(), OptionalLong.empty(), false);
    }

    private static EventFate fate(EventKind kind, String id, int status, String word, int tries) {
        return new EventFate(Instant.EPOCH, kind, id, "routing:x", "queue-1", status, word, "", tries,
                Duration.ofMillis(3));
    }
}
