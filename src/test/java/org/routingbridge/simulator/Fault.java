package org.routingbridge.simulator;

/**
 * What can go wrong with a PutEvents call or one of its entries.
 *
 * <p>Codes and statuses are those of AWS's pages on
 * <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html">common errors</a> and
 * <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html">entry
 * results</a>.
 */
public enum Fault {

    /** The request is over the account's rate. */
    THROTTLE_REQUEST(400, "ThrottlingException", "Rate exceeded"),
    /** The request breaks a rule that no retry can mend. */
    REFUSE_REQUEST(400, "ValidationException", "The request was told to be refused."),
    /** The request has more bytes than the front door lets in. */
    TOO_LARGE_REQUEST(413, "RequestEntityTooLargeException", "The request entity is too large."),
    /** EventBridge broke while it worked on the request. */
    SERVER_ERROR(500, "InternalFailure", "The request processing has failed because of an unknown error."),
    /** EventBridge takes no requests at the moment. */
    UNAVAILABLE(503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
    /** The credentials are good, but do not allow events:PutEvents. */
    ACCESS_DENIED(400, "AccessDeniedException", "User is not authorized to perform: events:PutEvents"),
    /** The session credentials are too old. */
    EXPIRED_TOKEN(400, "ExpiredTokenException", "The security token included in the request is expired"),
    /** The secret key is not the one that AWS knows. */
    INVALID_SIGNATURE(403, "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided."),

    /** The entry is over the account's rate. */
    THROTTLE_ENTRY("ThrottlingException", "Rate exceeded"),
    /** EventBridge broke while it worked on the entry. */
    INTERNAL_FAILURE_ENTRY("InternalFailure", "Internal failure"),
    /** The same under the name that its own page gives it. */
    INTERNAL_EXCEPTION_ENTRY("InternalException", "Internal exception"),
    /** EventBridge cannot take the entry at the moment. */
    SERVICE_UNAVAILABLE_ENTRY("ServiceUnavailable", "Service unavailable"),
    /** The entry is refused for a reason that no retry can mend. */
    REFUSE_ENTRY("NotAuthorizedForSourceException", "Not authorized for the source."),
    /** The entry's detail is said to be no JSON object. */
    MALFORMED_ENTRY("MalformedDetail", "Detail is malformed."),

    /** No answer until released; nothing is taken before that. */
    HANG(Level.CONNECTION),
    /** The connection is reset before anything is taken. */
    RESET_BEFORE(Level.CONNECTION),
    /** The entries are taken, then the connection is reset: the caller cannot know. */
    RESET_AFTER(Level.CONNECTION);

    private final Level level;
    private final int status;
    private final String code;
    private final String message;

    Fault(int status, String code, String message) {
        this(Level.REQUEST, status, code, message);
    }

    Fault(String code, String message) {
        this(Level.ENTRY, 200, code, message);
    }

    Fault(Level level) {
        this(level, 0, "", "");
    }

    Fault(Level level, int status, String code, String message) {
        this.level = level;
        this.status = status;
        this.code = code;
        this.message = message;
    }

    /** Whether it strikes an entry, and leaves the others of its call alone. */
    public boolean strikesEntry() {
        return level == Level.ENTRY;
    }

    boolean answersRequest() {
        return level == Level.REQUEST;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    String message() {
        return message;
    }

    private enum Level { REQUEST, ENTRY, CONNECTION }
}
