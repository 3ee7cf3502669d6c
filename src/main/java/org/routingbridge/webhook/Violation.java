package org.routingbridge.webhook;

/**
 * One way in which an event breaks the schema.
 *
 * @param path    JSON Pointer to the property; a missing property's path is its own
 * @param message what is wrong with it
 */
public record Violation(String path, String message) {
}
