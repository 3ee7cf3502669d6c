package org.routingbridge.outbox;

/** A stored event is no longer what was written. */
public final class StoredEventDamaged extends RuntimeException {

    public StoredEventDamaged(String message) {
        super(message);
    }
}
