package org.routingbridge.event;

import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import org.routingbridge.settings.Settings;
import org.routingbridge.webhook.Refusal;
import org.routingbridge.webhook.Refused;
import org.routingbridge.webhook.Violation;

/** JSON that the schema has accepted becomes the one typed event that travels through the routes. */
public final class RoutingEventReader {

    /** Events without an ordering key share this one; a queue cannot be named like it by accident. */
    private static final String NO_KEY = "\u0000";

    private final JsonPointer keyPointer;

    public RoutingEventReader(Settings settings) {
        keyPointer = settings.orderingKey();
    }

    /**
     * @throws Refused {@code schema_violation} where the timestamp has the form of a date-time and is none
     */
    public RoutingEvent read(UnvalidatedEvent event) {
        JsonNode json = event.json();
        String id = event.id();
        return new RoutingEvent(event.text(), event.body().length, id, event.eventType(),
                timestamp(json), key(json), RetryDirective.read(json.get("retryDirective")),
                EventTokens.ofEvent(id), event.receivedAt(), RoutingEvent.Marks.NONE);
    }

    private String key(JsonNode json) {
        JsonNode key = keyPointer.matches() ? null : json.at(keyPointer);
        return key == null || key.isMissingNode() || key.isNull() ? NO_KEY : key.isTextual() ? key.textValue()
                : key.toString();
    }

    private static Instant timestamp(JsonNode json) {
        return Timestamps.parse(json.get("timestamp").textValue()).orElseThrow(() ->
                new Refused(Refusal.SCHEMA_VIOLATION, "The event does not match schema v1",
                        List.of(new Violation("/timestamp", "must be an RFC 3339 date-time"))));
    }
}
