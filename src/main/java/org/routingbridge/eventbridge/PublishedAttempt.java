package org.routingbridge.eventbridge;

import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/** Whether the attempt that is an exchange's body put its event on the bus. */
public final class PublishedAttempt implements Predicate {

    @Override
    public boolean matches(Exchange exchange) {
        return exchange.getMessage().getBody(PublishAttempt.class).isPublished();
    }

    @Override
    public String toString() {
        return "attempt was successful";
    }
}
