package org.routingbridge.listing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * An event as it is listed: a dead letter, a rejected event, or one that waits (contract, section 8).
 *
 * @param id            by which it is replayed or deleted
 * @param attempts      made so far
 * @param at            when it came here, RFC 3339 in UTC
 * @param nextAttemptAt of one that waits, when it is tried next at the earliest; else null
 * @param event         JSON, as received; a JSON string where damage has left none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"id", "eventId", "reason", "attempts", "at", "nextAttemptAt", "event"})
public record ListedEvent(String id, String eventId, String reason, int attempts, String at, String nextAttemptAt,
                          @JsonRawValue String event) {

    private static final JsonMapper JSON = new JsonMapper();

    public static ListedEvent of(String id, String eventId, String reason, int attempts, long atWall, byte[] text,
                                 boolean isIntact) {
        return new ListedEvent(id, eventId, reason, attempts, Instant.ofEpochMilli(atWall).toString(), null,
                json(text, isIntact));
    }

    public static ListedEvent waiting(String id, String reason, int attempts, long enteredWall, long nextWall,
                                      byte[] text, boolean isIntact) {
        return new ListedEvent(id, id, reason, attempts, Instant.ofEpochMilli(enteredWall).toString(),
                Instant.ofEpochMilli(nextWall).toString(), json(text, isIntact));
    }

    private static String json(byte[] text, boolean isIntact) {
        String json = new String(text, StandardCharsets.UTF_8);
        try {
            return isIntact || isJson(json) ? json : JSON.writeValueAsString(json);
        } catch (IOException e) {
            return "null";
        }
    }

    private static boolean isJson(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            while (parser.nextToken() != null) {
                continue;
            }
            return !text.isBlank();
        } catch (IOException e) {
            return false;
        }
    }
}
