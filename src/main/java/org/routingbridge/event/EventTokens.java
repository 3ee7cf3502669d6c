package org.routingbridge.event;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.NameBasedGenerator;

/** The tokens that consumers deduplicate on: UUIDs of version 5 in the URL namespace (RFC 9562, section 5.5). */
public final class EventTokens {

    private static final NameBasedGenerator GENERATOR = Generators.nameBasedGenerator(NameBasedGenerator.NAMESPACE_URL);

    private EventTokens() {
    }

    /** Of an event, by its id as received. */
    public static String ofEvent(String id) {
        return GENERATOR.generate(id).toString();
    }

    /** Of one of the chunks that an event is cut into. */
    public static String ofChunk(String id, int index) {
        return GENERATOR.generate(id + "#" + index).toString();
    }
}
