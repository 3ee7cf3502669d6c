package org.routingbridge.event;

import java.time.Instant;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Well-formed JSON that the schema has not seen yet.
 *
 * @param body       the bytes as they came
 * @param text       the same as text
 * @param json       the same, parsed for reading
 * @param receivedAt when the request arrived
 * @param trace      that the request is part of; null where there is none
 */
public record UnvalidatedEvent(byte[] body, String text, JsonNode json, Instant receivedAt, TraceContext trace)
        implements Received {

    @Override
    public String id() {
        return json.path("id").textValue();
    }

    @Override
    public String eventType() {
        return json.path("eventType").textValue();
    }

    @Override
    public String toString() {
        return "UnvalidatedEvent[" + body.length + " bytes]";
    }
}
