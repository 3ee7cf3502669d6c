package org.routingbridge.event;

import java.time.Instant;

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
}
