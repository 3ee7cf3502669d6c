package org.routingbridge.eventbridge;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How many PutEvents calls may be in flight, by additive increase and multiplicative decrease: fewer after EventBridge
 * has throttled, by half of the share of the entries that it throttled, so half as many where that were all; one more
 * for every second without throttling, never more than {@code bridge.eventbridge.concurrency}. So the bridge follows
 * the account's quota, which nobody has to tell it, and a few entries that EventBridge will not take for now slow down
 * nobody else. Times are {@link System#nanoTime()}'s.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8257#section-3.3">RFC 8257, which lowers a window likewise</a>
 */
final class AimdLimit {

    private static final long STEP = Duration.ofSeconds(1).toNanos();

    private final int most;
    private final LongSupplier nanoTime;
    private double limit;
    private long lastChange;
    private long lastLowered;
    private boolean loweredOnce;

    AimdLimit(int most, LongSupplier nanoTime) {
        this.most = most;
        this.nanoTime = nanoTime;
        this.limit = most;
        this.lastChange = nanoTime.getAsLong();
    }

    synchronized int limit() {
        long now = nanoTime.getAsLong();
        long steps = (now - lastChange) / STEP;
        if (steps > 0) {
            limit = Math.min(most, limit + steps);
            lastChange += steps * STEP;
        }
        return (int) limit;
    }

    /**
     * A call that began at this time was throttled. Calls that were in flight together count once: those that began
     * before the last time that the limit was lowered say nothing about the new one.
     *
     * @param share of the call's entries that were throttled, above 0 and at most 1
     */
    synchronized void throttled(long callBegan, double share) {
        limit();
        if (callBegan - lastLowered >= 0 || !loweredOnce) {
            limit = Math.max(1, limit * (1 - share / 2));
            lastLowered = nanoTime.getAsLong();
            loweredOnce = true;
        }
        lastChange = nanoTime.getAsLong();
    }
}
