package org.routingbridge.outbox;

import org.apache.camel.Exchange;
import org.apache.camel.Predicate;
import org.routingbridge.event.RoutingEvent;

/** Whether an exchange's event has to go to the outbox without being tried first. */
public final class HasToQueue implements Predicate {

    private final Outbox outbox;

    public HasToQueue(Outbox outbox) {
        this.outbox = outbox;
    }

    @Override
    public boolean matches(Exchange exchange) {
        return outbox.isFor(exchange.getMessage().getBody(RoutingEvent.class));
    }

    @Override
    public String toString() {
        return "has to queue";
    }
}
