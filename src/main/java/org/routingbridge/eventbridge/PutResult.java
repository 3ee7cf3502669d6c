package org.routingbridge.eventbridge;

import java.time.Duration;

/**
 * What EventBridge said of one entry in one attempt (contract, section 4).
 *
 * @param kind               what it means
 * @param error              AWS's code and message, or what went wrong on the way; null where it was accepted
 * @param eventBridgeEventId EventBridge's own id of the accepted event, else null
 * @param latency            of the whole PutEvents call; null where none was made
 * @param alone              whether no other entry of the request met the same failure
 */
public record PutResult(Kind kind, String error, String eventBridgeEventId, Duration latency, boolean alone) {

    /** The ways an attempt can end. */
    public enum Kind {
        /** On the bus. */
        ACCEPTED,
        /** Over the account's rate. */
        THROTTLED,
        /** EventBridge failed on this entry. */
        INTERNAL_FAILURE,
        /** EventBridge could not take this entry just now. */
        ENTRY_UNAVAILABLE,
        /** The request failed: a 5xx, a time-out, no connection. */
        UNAVAILABLE,
        /** Credentials, signature, permission or the bus's name are wrong: no event's fault. */
        MISCONFIGURED,
        /** Refused for good. */
        REFUSED,
        /** Not sent before the reply budget was spent. */
        NOT_SENT,
        /** Sent, and not answered before the reply budget was spent: it may yet be on the bus. */
        UNANSWERED
    }

    static PutResult accepted(String eventBridgeEventId, Duration latency) {
        return new PutResult(Kind.ACCEPTED, null, eventBridgeEventId, latency, false);
    }

    static PutResult failed(Kind kind, String error, Duration latency, boolean alone) {
        return new PutResult(kind, error, null, latency, alone);
    }

    public boolean isAccepted() {
        return kind == Kind.ACCEPTED;
    }

    /** Whether another attempt within the event's own directive can succeed. */
    public boolean isWorthAnotherAttempt() {
        return kind == Kind.THROTTLED || kind == Kind.INTERNAL_FAILURE
                || kind == Kind.ENTRY_UNAVAILABLE || kind == Kind.UNAVAILABLE;
    }
}
