package org.routingbridge.event;

/** Every way in which the webhook can refuse a request, with its status (contract, section 3). */
public enum Refusal {
    NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    UNAUTHORIZED(401),
    OVERLOADED(503),
    UNSUPPORTED_MEDIA_TYPE(415),
    PAYLOAD_TOO_LARGE(413),
    MALFORMED_JSON(400),
    SCHEMA_VIOLATION(400),
    ENTRY_TOO_LARGE(413),
    ORDERING_VIOLATION(409),
    /** A route that was edited so that it ends without a reply. */
    UNANSWERED(503),
    /** A body that did not come in time. */
    REQUEST_TIMEOUT(408),
    /** A request that is none, or one of the management port that cannot be understood. */
    MALFORMED_REQUEST(400),
    /** A fault of ours in what an operator asked for. */
    INTERNAL_ERROR(500),
    URI_TOO_LONG(414),
    HEADERS_TOO_LARGE(431);

    private final int status;
    private final String code = name().toLowerCase(java.util.Locale.ROOT);

    Refusal(int status) {
        this.status = status;
    }

    public int status() {
        return status;
    }

    /** The word under {@code error} in the reply, and the metrics' {@code outcome}. */
    public String code() {
        return code;
    }
}
