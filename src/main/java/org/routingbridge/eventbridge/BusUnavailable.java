package org.routingbridge.eventbridge;

/** The attempt failed by no fault of the event, which may be published later. */
public final class BusUnavailable extends PublishFailure {

    public BusUnavailable(PublishAttempt attempt) {
        super(attempt);
    }

    /** Whether the entry was sent and may yet turn out to be on the bus. */
    public boolean isUnanswered() {
        return attempt().result().kind() == PutResult.Kind.UNANSWERED;
    }
}
