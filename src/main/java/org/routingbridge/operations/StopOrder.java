package org.routingbridge.operations;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the bridge was told to stop, and how long it goes on serving then, not ready, so that what sends requests its
 * way can turn to another one first ({@code bridge.shutdown.delay}; contract, section 2).
 */
public final class StopOrder {

    private static final Logger LOG = LoggerFactory.getLogger(StopOrder.class);

    private final Duration delay;
    private final AtomicBoolean given = new AtomicBoolean();

    public StopOrder(Duration delay) {
        this.delay = delay;
    }

    /**
     * The bridge is told to stop; a second time, not to wait any longer.
     *
     * @param stop begins the stop and returns; may be called more than once
     */
    public void give(Runnable stop) {
        if (!given.compareAndSet(false, true) || delay.isZero()) {
            stop.run();
            return;
        }
        LOG.info("Told to stop; not ready from now on, and serving until the delay has passed delay={}s",
                delay.toMillis() / 1000.0);
        CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS).execute(stop);
    }

    /** Whether it was told to. */
    public boolean isGiven() {
        return given.get();
    }
}
