package org.routingbridge.eventbridge;

/** The attempt failed by no fault of the event, which may be published later. An outcome, made without a stack trace. */
public final class BusUnavailable extends RuntimeException {

    private final transient PublishAttempt attempt;

    public BusUnavailable(PublishAttempt attempt) {
        super(attempt.result().error(), null, false, false);
        this.attempt = attempt;
    }

    public PublishAttempt attempt() {
        return attempt;
    }

    /** Whether the entry was sent and may yet turn out to be on the bus. */
    public boolean isUnanswered() {
        return attempt.result().kind() == PutResult.Kind.UNANSWERED;
    }
}
