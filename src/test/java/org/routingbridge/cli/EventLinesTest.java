package org.routingbridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;

class EventLinesTest {

    private static final JsonMapper JSON = new JsonMapper();
    private final EventLines lines = new EventLines();

    private static JsonNode event(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode event(String id, int second, String outcome) {
        return event("{\"id\": \"" + id + "\", \"receivedAt\": \"2026-01-05T09:30:" + second + ".125Z\""
                + (outcome == null ? "" : ", \"outcome\": \"" + outcome + "\"") + "}");
    }

    private List<String> take(JsonNode... listed) {
        return lines.take(Arrays.asList(listed)).stream().map(event -> event.path("id").asText()).toList();
    }

    @Test
    void anEventIsToldOnceForEachOutcome() {
        assertThat(take(event("a", 10, "queued"))).containsExactly("a");
        assertThat(take(event("b", 11, "processed"), event("a", 10, "queued"))).containsExactly("b");
        assertThat(take(event("b", 11, "processed"), event("a", 10, "processed"))).containsExactly("a");
    }

    @Test
    void anEventWithoutAnOutcomeIsWaitedFor() {
        // Given
        assertThat(take(event("a", 10, null), event("b", 10, null))).isEmpty();

        // When
        JsonNode stillThere = event("b", 10, null);

        // Then
        assertThat(lines.unsettledBut(List.of(stillThere))).containsExactly("a");
        assertThat(take(event("a", 10, "dead_lettered"))).containsExactly("a");
        lines.forget("b");
        assertThat(lines.unsettledBut(List.of())).isEmpty();
    }

    @Test
    void theListIsAskedForFromAWhileBeforeTheNewestOne() {
        assertThat(lines.from()).isNull();
        take(event("a", 40, "processed"), event("b", 50, "processed"), event("c", 45, "processed"));
        assertThat(lines.from()).isEqualTo("2026-01-05T09:30:40.125Z");
    }

    @Test
    void whatHasNoIdIsToldAsOftenAsItCame() {
        // Given
        JsonNode nameless = event("""
                {"receivedAt": "2026-01-05T09:30:00.125Z", "outcome": "malformed_json"}""");

        // Then
        assertThat(take(nameless)).hasSize(1);
        assertThat(take(nameless, nameless)).hasSize(1);
        assertThat(take(nameless, nameless)).isEmpty();
        assertThat(lines.isKnown(nameless)).as("that it ends the search for new ones").isFalse();
    }

    @Test
    void aLineIsALineWhateverTheSenderWrites() {
        // Given
        JsonNode hostile = event("""
                {"id": "\\u001b[2J", "eventType": "routing:\\u202ex\\r\\n2026 processed", "queueId": "q\\tu",
                 "receivedAt": "2026-01-05T09:30:00.125Z", "outcome": "schema_violation"}""");

        // When
        String line = EventLines.line(hostile, "not\nso");

        // Then
        assertThat(line).isEqualTo("2026-01-05T09:30:00.125Z  schema_violation   routing:\\u202ex\\u000d\\u000a2026"
                + " processed  \\u001b[2J" + " ".repeat(29) + "q\\u0009u    not\\u000aso");
    }

    @Test
    void whatIsAbsentIsADash() {
        assertThat(EventLines.line(event("{}"), "").replaceAll(" +", " ")).isEqualTo("- - - - -");
    }

    @Test
    void theLastErrorOfAStoryCounts() {
        assertThat(EventLines.error(event("""
                {"steps": [{"step": "attempt 1", "error": "Timeout"}, {"step": "attempt 2", "error": "HTTP 500"},
                 {"step": "outbox"}]}"""))).isEqualTo("HTTP 500");
        assertThat(EventLines.error(event("{\"error\": \"not_found\"}"))).isEmpty();
    }
}
