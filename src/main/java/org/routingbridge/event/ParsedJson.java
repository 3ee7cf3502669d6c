package org.routingbridge.event;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Spares the schema validator, which asks for a stream and parses it, the parsing of what {@link JsonReader} has read.
 */
public final class ParsedJson extends ObjectMapper {

    /** An event's bytes, which still know what they say. */
    static final class Body extends ByteArrayInputStream {

        private final JsonNode json;

        Body(UnvalidatedEvent event) {
            super(event.body());
            json = event.json();
        }
    }

    @Override
    public JsonNode readTree(InputStream in) throws IOException {
        return in instanceof Body body ? body.json : super.readTree(in);
    }
}
