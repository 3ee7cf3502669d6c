package org.routingbridge.eventbridge;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.support.ExpressionAdapter;
import org.routingbridge.event.RoutingEvent;

/**
 * The event of an exchange: its body, or that of the attempt that is its body, or that the caught failure tells of. In
 * Camel's simple language each would have its class looked at anew, and kept in a cache together with the event.
 */
public final class AttemptedEvent extends ExpressionAdapter {

    @Override
    public Object evaluate(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof PublishAttempt attempt) {
            return attempt.event();
        }
        if (exchange.getMessage().getBody() instanceof RoutingEvent event) {
            return event;
        }
        return exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, PublishFailure.class).attempt().event();
    }

    @Override
    public String toString() {
        return "event of the attempt";
    }
}
