package org.routingbridge.store;

/** The store is not to be opened as it is, which is for a person to deal with; the message says how. */
public final class StoreUnusable extends RuntimeException {

    public StoreUnusable(String message) {
        super(message, null, false, false);
    }
}
