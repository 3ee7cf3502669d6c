package org.routingbridge.eventbridge;

import org.apache.camel.Exchange;
import org.apache.camel.Predicate;
import org.routingbridge.event.RoutingEvent;

/** Whether an event may be over EventBridge's limit, so that making it fit takes longer than an event loop has time. */
public final class MayBeTooLarge implements Predicate {

    private final EventEntries entries;

    public MayBeTooLarge(EventEntries entries) {
        this.entries = entries;
    }

    @Override
    public boolean matches(Exchange exchange) {
        return !entries.fitsAsItIs(exchange.getMessage().getBody(RoutingEvent.class));
    }

    @Override
    public String toString() {
        return "may be too large";
    }
}
