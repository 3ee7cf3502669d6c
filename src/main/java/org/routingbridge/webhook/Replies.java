package org.routingbridge.webhook;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangeException;
import org.apache.camel.component.jsonvalidator.JsonValidationException;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.Violation;
import org.routingbridge.idempotency.SeenEvents;

/** Writes the reply for every way a request can end (contract, section 3). */
public final class Replies {

    private static final int RETRY_SECONDS = 5;

    /** The event is safe: on the bus, in the outbox, or among the dead letters. Without that it gets no reply here. */
    public void accepted(Exchange exchange) {
        Outcome outcome = Outcome.of(exchange);
        if (outcome != null) {
            RoutingEvent event = exchange.getMessage().getBody(RoutingEvent.class);
            exchange.getMessage().setBody(Reply.accepted(outcome == Outcome.PROCESSED ? 200 : 202, outcome.word(),
                    event));
        }
    }

    /** The event was safe before. Without that it gets no reply here. */
    public void duplicateSkipped(Exchange exchange) {
        if (SeenEvents.isSafeDuplicate(exchange)) {
            exchange.getMessage().setBody(Reply.accepted(200, "duplicate_skipped",
                    exchange.getMessage().getBody(RoutingEvent.class)));
        }
    }

    public Reply refused(@ExchangeException Refused refused) {
        return Reply.refused(refused);
    }

    public Reply schemaViolation(@ExchangeException JsonValidationException exception) {
        return Reply.refused(new Refused(Refusal.SCHEMA_VIOLATION, "The event does not match the schema",
                Violation.of(exception)));
    }

    /** An operator's request that the store does not allow just now. */
    public Reply notNow() {
        return Reply.overloaded("The store cannot be read or written to just now; try again", RETRY_SECONDS);
    }

    /** An operator's request that has failed by a fault of ours. */
    public Reply failed() {
        return Reply.refused(new Refused(Refusal.INTERNAL_ERROR,
                "This failed by a fault of the bridge; its log says more"));
    }

    public Reply notSafe() {
        return Reply.overloaded("The event could not be published and is not kept; send it again", RETRY_SECONDS);
    }
}
