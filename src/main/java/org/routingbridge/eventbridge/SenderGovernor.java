package org.routingbridge.eventbridge;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How many PutEvents calls may be in flight: half as many after EventBridge has throttled, one more for every second
 * without throttling, never more than {@code bridge.eventbridge.concurrency}. So the bridge follows the account's
 * quota, which nobody has to tell it. Times are {@link System#nanoTime()}'s.
 */
final class SenderGovernor {

    private static final long STEP = Duration.ofSeconds(1).toNanos();

    private final int most;
    private final LongSupplier nanoTime;
    private int limit;
    private long lastChange;
    private long lastHalved;
    private boolean halvedOnce;

    SenderGovernor(int most, LongSupplier nanoTime) {
        this.most = most;
        this.nanoTime = nanoTime;
        this.limit = most;
        this.lastChange = nanoTime.getAsLong();
    }

    synchronized int limit() {
        long now = nanoTime.getAsLong();
        long steps = (now - lastChange) / STEP;
        if (steps > 0) {
            limit = (int) Math.min(most, limit + steps);
            lastChange += steps * STEP;
        }
        return limit;
    }

    /**
     * A call that began at this time was throttled. Calls that were in flight together count once: those that began
     * before the last halving say nothing about the new limit.
     */
    synchronized void throttled(long callBegan) {
        limit();
        if (callBegan - lastHalved >= 0 || !halvedOnce) {
            limit = Math.max(1, limit / 2);
            lastHalved = nanoTime.getAsLong();
            halvedOnce = true;
        }
        lastChange = nanoTime.getAsLong();
    }
}
