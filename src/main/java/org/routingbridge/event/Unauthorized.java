package org.routingbridge.event;

/** It does not come from who it should; nothing more is done for it than to say so. */
public final class Unauthorized extends Refused {

    /** @param message what the sender has to show */
    public Unauthorized(String message) {
        super(Refusal.UNAUTHORIZED, message);
    }
}
