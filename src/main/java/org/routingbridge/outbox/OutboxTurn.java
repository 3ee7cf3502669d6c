package org.routingbridge.outbox;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.routingbridge.eventbridge.BusState;

/**
 * Holds back an event of the outbox while EventBridge is away, on the thread of the outbox's consumer, which has nothing
 * better to do.
 */
public final class OutboxTurn implements Processor {

    private static final Duration LOOK_UP = Duration.ofMillis(200);

    private final BusState busState;
    private final Outbox outbox;

    public OutboxTurn(BusState busState, Outbox outbox) {
        this.busState = busState;
        this.outbox = outbox;
    }

    /**
     * @throws EventTooOld                where it is not to be tried any more
     * @throws RejectedExecutionException where the bridge stops, which leaves the event in the outbox
     */
    @Override
    public void process(Exchange exchange) throws InterruptedException {
        do {
            if (exchange.getContext().isStopping()) {
                throw new RejectedExecutionException("The bridge is stopping; the event stays in the outbox");
            }
            if (outbox.isTooOld(exchange)) {
                throw new EventTooOld();
            }
        } while (!busState.awaitTurn(LOOK_UP));
    }
}
