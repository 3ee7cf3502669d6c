package org.routingbridge.operations;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * What the management port answers where it does not do what it is asked (contract, section 8).
 *
 * @param status  HTTP status, no part of the body
 * @param error   one word for it
 * @param message one sentence a person can act on
 */
record Problem(@JsonIgnore int status, String error, String message) {

    /** Of a status that Vert.x or a route of the port ended with. */
    static Problem of(int status) {
        return switch (status) {
            case 400 -> new Problem(400, "malformed_request", "The request is not well-formed HTTP with a valid path");
            case 404 -> new Problem(404, "not_found", "There is nothing at this path");
            case 405 -> new Problem(405, "method_not_allowed", "See the Allow header for the methods of this path");
            case 413 -> new Problem(413, "payload_too_large", "The body is far larger than the webhook's largest");
            case 414 -> new Problem(414, "uri_too_long", "The path with its query is too long");
            case 431 -> new Problem(431, "headers_too_large", "The request's headers are too large");
            case 503 -> new Problem(503, "overloaded", "The bridge is starting or stopping; try again");
            default -> status < 500 ? new Problem(status, "malformed_request", "The request cannot be taken")
                    : new Problem(status, "internal_error", "This failed by a fault of the bridge; its log says more");
        };
    }
}
