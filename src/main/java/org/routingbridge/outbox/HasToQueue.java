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
        return isShared && IdClaim.isKeyWaiting(exchange)
                || outbox.isFor(exchange.getMessage().getBody(RoutingEvent.class));
    }

    @Override
    public String toString() {
        return "has to queue";
    }
}
