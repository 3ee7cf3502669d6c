package org.routingbridge.eventbridge;

/** EventBridge will never take this entry. An outcome, made without a stack trace. */
public final class EntryRefused extends RuntimeException {

    private final transient PublishAttempt attempt;

    public EntryRefused(PublishAttempt attempt) {
        super(attempt.result().error(), null, false, false);
        this.attempt = attempt;
    }

    public PublishAttempt attempt() {
        return attempt;
    }
}
