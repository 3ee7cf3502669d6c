package org.routingbridge.event;

import java.time.Instant;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A valid routing event (contract, section 3). The received text is kept as it came: it is read from {@link #json} and
 * sent from {@link #text}, never written anew.
 *
 * @param text             the received text, to the letter
 * @param utf8Length       its length in bytes
 * @param json             the same, parsed for reading
 * @param id               as received
 * @param eventType        what becomes the entry's {@code DetailType}
 * @param timestamp        when the sender says that it happened, to the millisecond
 * @param orderingKey      events with the same key keep their order
 * @param retryDirective   how the event wants to be tried
 * @param idempotencyToken UUID version 5 of the id; what consumers deduplicate on
 * @param receivedAt       when the request arrived
 * @param late             whether it was behind the tolerance when it came
 * @param future           whether it was dated ahead of the skew when it came
 */
public record RoutingEvent(String text, int utf8Length, JsonNode json, String id, String eventType, Instant timestamp,
                           String orderingKey, RetryDirective retryDirective, String idempotencyToken,
                           Instant receivedAt, boolean late, boolean future) implements Received {

    public JsonNode routingContext() {
        return json.get("routingContext");
    }

    public RoutingEvent markedLate() {
        return new RoutingEvent(text, utf8Length, json, id, eventType, timestamp, orderingKey, retryDirective,
                idempotencyToken, receivedAt, true, future);
    }

    public RoutingEvent markedFuture() {
        return new RoutingEvent(text, utf8Length, json, id, eventType, timestamp, orderingKey, retryDirective,
                idempotencyToken, receivedAt, late, true);
    }

    /** Identity without the payload, which has no place in a log. */
    @Override
    public String toString() {
        return "RoutingEvent[" + id + "]";
    }
}
