package org.routingbridge.engine;

import java.io.UncheckedIOException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.routingbridge.simulator.DeliveredEntry;

/** Reads what arrived on the bus. */
final class Details {

    private static final JsonMapper JSON = new JsonMapper();

    private Details() {
    }

    static JsonNode of(DeliveredEntry entry) {
        try {
            return JSON.readTree(entry.detail());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
