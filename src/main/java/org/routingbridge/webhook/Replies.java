package org.routingbridge.webhook;

import org.apache.camel.Body;
import org.apache.camel.ExchangeException;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.component.jsonvalidator.JsonValidationException;
import org.routingbridge.event.RoutingEvent;

/** Writes the reply for every way a request can end (contract, section 3). */
public final class Replies {

    private static final int RETRY_SECONDS = 5;

    /** The event is safe: on the bus, in the outbox, or among the dead letters. */
    public Reply accepted(@Body RoutingEvent event, @ExchangeProperty("outcome") String outcome) {
        return Reply.accepted("processed".equals(outcome) ? 200 : 202, outcome, event);
    }

    public Reply duplicateSkipped(RoutingEvent event) {
        return Reply.accepted(200, "duplicate_skipped", event);
    }

    public Reply refused(@ExchangeException Refused refused) {
        return Reply.refused(refused);
    }

    public Reply schemaViolation(@ExchangeException JsonValidationException exception) {
        return Reply.refused(new Refused(Refusal.SCHEMA_VIOLATION, "The event does not match schema v1",
                Violation.of(exception)));
    }

    public Reply notSafe() {
        return Reply.overloaded("The event could not be published and is not kept; send it again", RETRY_SECONDS);
    }
}
