package org.routingbridge.event;

import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import org.routingbridge.settings.Settings;

/** JSON that the schema has accepted becomes the one typed event that travels through the routes. */
public final class RoutingEventReader {

    /** Events without an ordering key share this one, which no key is made into. */
    private static final String NO_KEY = "-";

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
        String text = event.text();
        int first = text.indexOf('{');
        int end = text.lastIndexOf('}') + 1;
        // what stands around the object is white space, a byte each
        int around = text.length() - (end - first);
        return new RoutingEvent(around == 0 ? text : text.substring(first, end), event.body().length - around, id,
                event.eventType(), timestamp(json), json.path("routingContext").path("queueId").textValue(), key(json),
                RetryDirective.read(json.get("retryDirective")), EventTokens.ofEvent(id), event.receivedAt(),
                event.trace(), RoutingEvent.Marks.NONE);
    }

    private String key(JsonNode json) {
        JsonNode key = keyPointer.matches() ? null : json.at(keyPointer);
        return key == null || key.isMissingNode() || key.isNull() ? NO_KEY
                : OrderingKeys.of(key.isTextual() ? key.textValue() : key.toString());
    }

    private static Instant timestamp(JsonNode json) {
        return Timestamps.parse(json.get("timestamp").textValue()).orElseThrow(() ->
                new Refused(Refusal.SCHEMA_VIOLATION, "The event does not match the schema",
                        List.of(new Violation("/timestamp", "must be an RFC 3339 date-time"))));
    }
}
