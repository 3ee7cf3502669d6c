package org.routingbridge.operations;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonRawValue;

/**
 * A dead letter or a rejected event as it is listed (contract, section 8).
 *
 * @param id       by which it is replayed or deleted
 * @param attempts made so far
 * @param at       when it came here, RFC 3339 in UTC
 * @param event    JSON, as received
 */
@JsonPropertyOrder({"id", "eventId", "reason", "attempts", "at", "event"})
public record ListedEvent(String id, String eventId, String reason, int attempts, String at,
                          @JsonRawValue String event) {
}
