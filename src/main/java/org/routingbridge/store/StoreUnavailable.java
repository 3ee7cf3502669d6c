package org.routingbridge.store;

/**
 * The store could not do what was asked of it just now. Nothing was changed. An outcome, made without a stack trace;
 * its message is a sentence that an operator can act on.
 */
public class StoreUnavailable extends RuntimeException {

    public StoreUnavailable(String message) {
        super(message, null, false, false);
    }
}
