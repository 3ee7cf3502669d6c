package org.routingbridge.failure;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A fault that is met again and again while it lasts: told at once, and then once a minute at most, or so seldom. */
public final class LastingFault {

    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final long againNanos;
    private final LongSupplier nanoTime;
    private boolean told;
    private boolean everTold;
    private long toldAt;

    public LastingFault() {
        this(System::nanoTime);
    }

    /** @param nanoTime {@link System#nanoTime()}, or a test's */
    public LastingFault(LongSupplier nanoTime) {
        this(AGAIN, nanoTime);
    }

    /**
     * @param again    at least so long after it was told
     * @param nanoTime {@link System#nanoTime()}, or a test's
     */
    public LastingFault(Duration again, LongSupplier nanoTime) {
        this.againNanos = again.toNanos();
        this.nanoTime = nanoTime;
    }

    /** It is there: whether that is to be told now. */
    public synchronized boolean isToBeTold() {
        long now = nanoTime.getAsLong();
        if (everTold && now - toldAt < againNanos) {
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
