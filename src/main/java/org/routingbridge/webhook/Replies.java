package org.routingbridge.webhook;

import java.util.List;

import com.networknt.schema.ValidationMessage;
import org.apache.camel.Body;
import org.apache.camel.ExchangeException;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.component.jsonvalidator.JsonValidationException;
import org.routingbridge.event.RoutingEvent;

/** Writes the reply for every way a request can end (contract, section 3). */
public final class Replies {

    private static final int MAX_VIOLATIONS = 20;
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

    /** The schema's own words, by property; never the exception's message, which quotes the event. */
    public Reply schemaViolation(@ExchangeException JsonValidationException exception) {
        List<Violation> violations = exception.getErrors().stream()
                .map(Replies::violation).distinct().limit(MAX_VIOLATIONS).toList();
        return Reply.refused(new Refused(Refusal.SCHEMA_VIOLATION, "The event does not match schema v1", violations));
    }

    public Reply notSafe() {
        return Reply.overloaded("The event could not be published and is not kept; send it again", RETRY_SECONDS);
    }

    private static Violation violation(ValidationMessage error) {
        String path = error.getInstanceLocation().toString();
        String message = error.getMessage();
        String prefix = path + ": ";
        return new Violation("required".equals(error.getType()) ? path + "/" + escape(error.getProperty()) : path,
                message.startsWith(prefix) ? message.substring(prefix.length()) : message);
    }

    private static String escape(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
