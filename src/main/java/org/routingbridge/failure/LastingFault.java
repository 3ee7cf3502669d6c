package org.routingbridge.failure;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A fault that is met again and again while it lasts: told at once, and then once a minute at most. */
public final class LastingFault {

    private static final long AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

    private final LongSupplier nanoTime;
    private boolean told;
    private boolean everTold;
    private long toldAt;

    public LastingFault() {
        this(System::nanoTime);
    }

    LastingFault(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** It is there: whether that is to be told now. */
    public synchronized boolean isToBeTold() {
        long now = nanoTime.getAsLong();
        if (everTold && now - toldAt < AGAIN_NANOS) {
            return false;
        }
        everTold = true;
        told = true;
        toldAt = now;
        return true;
    }

    /** It is over: whether that is to be told, since the fault was. */
    public synchronized boolean isEndToBeTold() {
        boolean was = told;
        told = false;
        return was;
    }
}
