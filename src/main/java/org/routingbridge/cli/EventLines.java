package org.routingbridge.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Which of the events that a bridge lists were not told yet. An event is told once for each outcome that it is seen
 * with, and not while it has none. The list is in the order in which the bridge heard what became of its events, which
 * is not that of their receipt, so that it is looked at from a while before the newest one on.
 */
final class EventLines {

    /** Longer than a reply takes, and than the clock of a bridge that was started again may lag. */
    private static final Duration OVERLAP = Duration.ofSeconds(10);
    private static final int MOST = 50_000;
    private static final int LONGEST_NAME = 130;
    private static final int LONGEST_ERROR = 300;
    private static final String ABSENT = "-";

    private final Map<String, String> known = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MOST;
        }
    };
    private final Set<String> unsettled = new HashSet<>();
    private Instant newest;

    /** From when on the list is to be asked for; null for all of it. */
    String from() {
        return newest == null ? null : newest.minus(OVERLAP).toString();
    }

    /** Whether it was taken before. */
    boolean isKnown(JsonNode event) {
        return event.hasNonNull("id") && known.containsKey(key(event, 0));
    }

    /**
     * Takes what is listed.
     *
     * @return those that have an outcome that was not told yet, in the order in which they are listed
     */
    List<JsonNode> take(List<JsonNode> listed) {
        List<JsonNode> settled = new ArrayList<>();
        Map<String, Integer> alike = new HashMap<>();
        for (JsonNode event : listed) {
            // what has no id may be there many times, and what has one may come on two pages
            String same = key(event, 0);
            String key = key(event, event.hasNonNull("id") ? 0 : alike.merge(same, 1, Integer::sum));
            String outcome = outcome(event);
            if (!outcome.equals(known.put(key, outcome)) && !outcome.isEmpty()) {
                settled.add(event);
            }
            if (event.hasNonNull("id")) {
                if (outcome.isEmpty()) {
                    unsettled.add(event.path("id").asText());
                } else {
                    unsettled.remove(event.path("id").asText());
                }
            }
            Instant received = received(event);
            if (received != null && (newest == null || received.isAfter(newest))) {
                newest = received;
            }
        }
        return settled;
    }

    /** The ids of those that had no outcome yet and are not among these. */
    List<String> unsettledBut(List<JsonNode> listed) {
        Set<String> left = new HashSet<>(unsettled);
        listed.forEach(event -> left.remove(event.path("id").asText()));
        return List.copyOf(left);
    }

    /** Nothing will be heard of it any more. */
    void forget(String id) {
        unsettled.remove(id);
    }

    private static String key(JsonNode event, int number) {
        return event.hasNonNull("id") ? event.path("id").asText()
                : number + " " + event.path("receivedAt").asText() + " " + event.path("eventType").asText() + " "
                        + outcome(event);
    }

    private static Instant received(JsonNode event) {
        try {
            return Instant.parse(event.path("receivedAt").asText());
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** Empty while there is none. */
    static String outcome(JsonNode event) {
        return event.path("outcome").asText("");
    }

    /** What went wrong last in an event's story; empty where nothing did. */
    static String error(JsonNode story) {
        String error = "";
        for (JsonNode step : story.path("steps")) {
            error = step.path("error").asText(error);
        }
        return error;
    }

    /** Time, outcome, type, id, queue and error, whatever the event's sender has written into them. */
    static String line(JsonNode event, String error) {
        return String.format(Locale.ROOT, "%-24s  %-17s  %-28s  %-36s  %-10s  %s", name(event, "receivedAt"),
                name(event, "outcome"), name(event, "eventType"), name(event, "id"), name(event, "queueId"),
                TerminalText.line(error, LONGEST_ERROR)).stripTrailing();
    }

    private static String name(JsonNode event, String member) {
        String text = event.path(member).asText("");
        return text.isEmpty() ? ABSENT : TerminalText.line(text, LONGEST_NAME);
    }
}
