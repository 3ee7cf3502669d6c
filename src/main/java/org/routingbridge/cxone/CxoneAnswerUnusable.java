package org.routingbridge.cxone;

/** CXone answered, and not with what its API promises. */
public final class CxoneAnswerUnusable extends RuntimeException {

    public CxoneAnswerUnusable(String message) {
        super(message);
    }
}
