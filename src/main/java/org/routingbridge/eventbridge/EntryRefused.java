package org.routingbridge.eventbridge;

/** EventBridge will never take this entry. */
public final class EntryRefused extends PublishFailure {

    public EntryRefused(PublishAttempt attempt) {
        super(attempt);
    }
}
