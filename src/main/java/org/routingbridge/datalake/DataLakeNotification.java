package org.routingbridge.datalake;

import java.nio.charset.StandardCharsets;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * What the data lake is told of a published event, beside the event's attributes (contract, section 5).
 *
 * @param publishedAt RFC 3339 in UTC
 * @param latencyMs   of the attempt that put it on the bus
 */
@JsonPropertyOrder({"source", "eventType", "eventId", "publishedAt", "latencyMs"})
public record DataLakeNotification(String source, String eventType, String eventId, String publishedAt,
                                   long latencyMs) {

    private static final ObjectWriter WRITER = new JsonMapper().writerFor(DataLakeNotification.class);

    /**
     * As JSON in UTF-8. Jackson copies a raw value twice more, and straight to bytes character by character.
     *
     * @param routingAttributes the event's routingContext as JSON, as received or trimmed
     */
    public byte[] with(String routingAttributes) throws JsonProcessingException {
        String head = WRITER.writeValueAsString(this);
        return (head.substring(0, head.length() - 1) + ",\"routingAttributes\":" + routingAttributes + '}')
                .getBytes(StandardCharsets.UTF_8);
    }
}
