package org.routingbridge.event;

import java.time.Instant;

import org.apache.camel.Exchange;

/**
 * Something a sender posted, as far as the bridge has come to know it. The type says how far that is: a
 * {@link Delivery} is bytes from a stranger, an {@link UnvalidatedEvent} is well-formed JSON, a {@link RoutingEvent} is
 * valid.
 */
public sealed interface Received permits Delivery, UnvalidatedEvent, RoutingEvent {

    /** The event's {@code id}, or null while it is not known or is not a text. */
    String id();

    /** The event's {@code eventType}, or null while it is not known or is not a text. */
    String eventType();

    /** When the request arrived. */
    Instant receivedAt();

    /**
     * What the exchange has of its sender: its body, or where a route has put something else in that place, the request
     * as it was read; null where that was not read.
     */
    static Received of(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof Received received) {
            return received;
        }
        Delivery delivery = exchange.getProperty(Delivery.READ, Delivery.class);
        JsonReader reader = exchange.getContext().getRegistry().findSingleByType(JsonReader.class);
        try {
            return delivery == null || reader == null ? delivery : reader.read(delivery);
        } catch (Refused e) {
            return delivery;
        }
    }
}
