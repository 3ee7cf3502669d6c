package org.routingbridge.eventbridge;

import java.util.concurrent.atomic.AtomicReference;

/**
 * What the bridge knows of its bus, for readiness and for those who would send to it: whether the bus is known to be
 * missing, whether the last call failed by configuration, whether EventBridge was out of reach.
 */
public final class BusState {

    private final AtomicReference<String> missing = new AtomicReference<>();
    private final AtomicReference<String> misconfigured = new AtomicReference<>();
    private final AtomicReference<String> outOfReach = new AtomicReference<>();

    /** DescribeEventBus said that there is no such bus. */
    void missing(String reason) {
        missing.set(reason);
    }

    /** DescribeEventBus found the bus. */
    void found() {
        missing.set(null);
    }

    /** A PutEvents call ended. */
    void heard(PutResult result) {
        switch (result.kind()) {
            case MISCONFIGURED -> misconfigured.set(result.error());
            case UNAVAILABLE -> outOfReach.set(result.error());
            default -> {
                if (misconfigured.get() != null || outOfReach.get() != null) {
                    misconfigured.set(null);
                    outOfReach.set(null);
                }
            }
        }
    }

    /** Why the bus is known to be missing, or null. While it is, PutEvents would answer with success and lose the event. */
    public String missingReason() {
        return missing.get();
    }

    /** What an operator has to mend before anything can be published, or null. */
    public String misconfigurationReason() {
        String reason = missing.get();
        return reason != null ? reason : misconfigured.get();
    }

    /** Why the last call did not reach EventBridge, or null. */
    public String outOfReachReason() {
        return outOfReach.get();
    }
}
