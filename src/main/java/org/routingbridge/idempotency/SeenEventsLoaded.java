package org.routingbridge.idempotency;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * Right after a start an event waits, without a thread, until the ids that an earlier process has accepted are known.
 */
public final class SeenEventsLoaded extends AsyncProcessorSupport {

    private final SeenEvents seenEvents;

    public SeenEventsLoaded(SeenEvents seenEvents) {
        this.seenEvents = seenEvents;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        if (seenEvents.loaded().isDone()) {
            callback.done(true);
            return true;
        }
        seenEvents.loaded().thenRun(() -> callback.done(false));
        return false;
    }
}
