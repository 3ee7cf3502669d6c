package org.routingbridge.eventbridge;

/** An attempt to publish failed. An outcome, made without a stack trace. */
public abstract sealed class PublishFailure extends RuntimeException permits BusUnavailable, EntryRefused {

    private final transient PublishAttempt attempt;

    PublishFailure(PublishAttempt attempt) {
        super(attempt.result().error(), null, false, false);
        this.attempt = attempt;
    }

    public PublishAttempt attempt() {
        return attempt;
    }
}
