package org.routingbridge.datalake;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonRawValue;

/**
 * What the data lake is told of a published event (contract, section 5).
 *
 * @param publishedAt RFC 3339 in UTC
 * @param latencyMs   of the attempt that put it on the bus
 * @param routingAttributes the event's routingContext as JSON, as received or trimmed
 */
@JsonPropertyOrder({"source", "eventType", "eventId", "publishedAt", "latencyMs", "routingAttributes"})
public record DataLakeNotification(String source, String eventType, String eventId, String publishedAt, long latencyMs,
                                   @JsonRawValue String routingAttributes) {
}
