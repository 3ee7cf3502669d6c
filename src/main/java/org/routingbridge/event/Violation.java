package org.routingbridge.event;

import java.util.List;

import com.networknt.schema.ValidationMessage;
import org.apache.camel.component.jsonvalidator.JsonValidationException;

/**
 * One way in which an event breaks the schema.
 *
 * @param path    JSON Pointer to the property; a missing property's path is its own
 * @param message what is wrong with it
 */
public record Violation(String path, String message) {

    private static final int MOST = 20;

    /** The schema's own words, by property, 20 at most; never the exception's message, which quotes the event. */
    public static List<Violation> of(JsonValidationException exception) {
        return exception.getErrors().stream().map(Violation::of).distinct().limit(MOST).toList();
    }

    private static Violation of(ValidationMessage error) {
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
