package org.routingbridge.outbox;

/** An event has been in the outbox for longer than {@code bridge.outbox.max.age}. An outcome, without a stack trace. */
public final class EventTooOld extends RuntimeException {

    public EventTooOld() {
        super("too_old: The event was in the outbox for longer than bridge.outbox.max.age", null, false, false);
    }
}
