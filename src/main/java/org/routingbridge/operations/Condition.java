package org.routingbridge.operations;

import java.time.Duration;
import java.util.function.LongSupplier;

import org.routingbridge.failure.LastingFault;

/**
 * Something that may be wrong for a while, looked at again and again: its beginning is to be told and then its end. One
 * that comes and goes is told once a minute at most; one that stays is always told.
 */
final class Condition {

    /** What is to be told after a look. */
    enum Told { NOTHING, BEGINNING, END }

    private final LastingFault fault;
    private final LongSupplier nanoTime;
    private boolean lasting;
    private boolean told;
    private long beganAt;
    private long endedAt;

    Condition(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.fault = new LastingFault(nanoTime);
    }

    /** @param isThere whether it is wrong now */
    Told look(boolean isThere) {
        long now = nanoTime.getAsLong();
        if (isThere && !lasting) {
            beganAt = now;
        } else if (!isThere && lasting) {
            endedAt = now;
        }
        lasting = isThere;
        if (isThere && !told && fault.isToBeTold()) {
            told = true;
            return Told.BEGINNING;
        }
        if (!isThere && told) {
            told = false;
            return Told.END;
        }
        return Told.NOTHING;
    }

    /** Whether the last look found it. */
    boolean isLasting() {
        return lasting;
    }

    /** How long it lasted. */
    Duration lasted() {
        return Duration.ofNanos(endedAt - beganAt);
    }
}
