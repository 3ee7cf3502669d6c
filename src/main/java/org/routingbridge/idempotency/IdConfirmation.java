package org.routingbridge.idempotency;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.steps.Continuation;

/**
 * An event that is safe waits, without a thread, until the other bridges on the same store know its id and its key's
 * watermark. Where the store does not answer it goes on, and they learn it later.
 */
public final class IdConfirmation extends AsyncProcessorSupport {

    private final SeenEvents seenEvents;

    public IdConfirmation(SeenEvents seenEvents) {
        this.seenEvents = seenEvents;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Outcome outcome = seenEvents.areShared() ? Outcome.of(exchange) : null;
        if (outcome == null) {
            callback.done(true);
            return true;
        }
        RoutingEvent event = exchange.getMessage().getBody(RoutingEvent.class);
        return Continuation.after(seenEvents.tell(event, outcome != Outcome.PROCESSED), exchange, callback,
                seenEvents.afterwards());
    }
}
