package org.routingbridge.eventbridge;

import org.apache.camel.Exchange;
import org.apache.camel.support.ExpressionAdapter;

/**
 * What a route asks for the event of an attempt: the same as {@code ${body.event}}, without looking at the attempt's
 * class each time.
 */
public final class AttemptedEvent extends ExpressionAdapter {

    @Override
    public Object evaluate(Exchange exchange) {
        return ((PublishAttempt) exchange.getMessage().getBody()).event();
    }

    @Override
    public String toString() {
        return "event of the attempt";
    }
}
