package org.routingbridge.store;

import java.util.concurrent.CompletableFuture;

/**
 * A write has begun and has not ended in the time there was for it: it may yet be on disk. Whoever gave up on it learns
 * from {@link #settlement()} what became of it.
 */
public final class WriteUnsettled extends StoreUnavailable {

    private final transient CompletableFuture<?> settlement;

    public WriteUnsettled(CompletableFuture<?> settlement) {
        super("The store has not answered in time");
        this.settlement = settlement;
    }

    /** Ends well where the write was committed after all, else with a failure. */
    public CompletableFuture<?> settlement() {
        return settlement;
    }
}
