package org.routingbridge.outbox;

import org.apache.camel.Exchange;
import org.apache.camel.Predicate;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.idempotency.IdClaim;

/** Whether an exchange's event has to go to the outbox without being tried first. */
public final class HasToQueue implements Predicate {

    private final Outbox outbox;
    private final boolean isShared;

    public HasToQueue(Outbox outbox) {
        this.outbox = outbox;
        isShared = outbox.isShared();
    }

    @Override
    public boolean matches(Exchange exchange) {
        RoutingEvent event = exchange.getMessage().getBody(RoutingEvent.class);
        return isShared && (IdClaim.isKeyWaiting(exchange) || hasOneFollowed(exchange, event)) || outbox.isFor(event);
    }

    /** What was said of its key is older than what has gone to the outbox since, while it waited here. */
    private boolean hasOneFollowed(Exchange exchange, RoutingEvent event) {
        Long askedAt = IdClaim.askedAt(exchange);
        return askedAt != null && outbox.hasTakenSince(event.orderingKey(), askedAt);
    }

    @Override
    public String toString() {
        return "has to queue";
    }
}
