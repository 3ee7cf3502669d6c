package org.routingbridge.eventbridge;

/** The attempt failed by no fault of the event, which may be published later. */
public final class BusUnavailable extends PublishFailure {

    public BusUnavailable(PublishAttempt attempt) {
        super(attempt);
    }
}
