package org.routingbridge.outbox;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;

import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Processor;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.BusState;
import org.routingbridge.eventbridge.RetryPolicy;

/**
 * Holds back an event of the outbox while EventBridge is away, on the thread of the outbox's consumer, which has
 * nothing better to do.
 */
public final class OutboxTurn implements Processor {

    private static final Duration LOOK_UP = Duration.ofMillis(200);

    private final BusState busState;
    private final Outbox outbox;
    private final RetryPolicy retryPolicy;
    private final Clock clock = Clock.systemUTC();

    public OutboxTurn(BusState busState, Outbox outbox, RetryPolicy retryPolicy) {
        this.busState = busState;
        this.outbox = outbox;
        this.retryPolicy = retryPolicy;
    }

    /**
     * @throws EventTooOld                where it is not to be tried any more
     * @throws RejectedExecutionException where the bridge stops, which leaves the event in the outbox
     */
    @Override
    public void process(Exchange exchange) throws InterruptedException, InvalidPayloadException {
        long due = due(exchange);
        do {
            if (exchange.getContext().isStopping()) {
                throw new RejectedExecutionException("The bridge is stopping; the event stays in the outbox");
            }
            if (outbox.isTooOld(exchange)) {
                throw new EventTooOld();
            }
        } while (!isDue(due) || !busState.awaitTurn(LOOK_UP));
    }

    /** When the directive lets the event be tried, in epoch milliseconds; later tries Camel's redelivery pauses. */
    private long due(Exchange exchange) throws InvalidPayloadException {
        Long enteredAt = exchange.getProperty(StoredEvents.ENTERED_AT, Long.class);
        if (enteredAt == null || exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 0, Integer.class) > 0) {
            return 0;
        }
        RoutingEvent event = exchange.getMessage().getMandatoryBody(RoutingEvent.class);
        int attempts = exchange.getMessage().getHeader(StoredEvents.ATTEMPTS, 0, Integer.class);
        return enteredAt + retryPolicy.pauseBeforeOutbox(event, attempts).toMillis();
    }

    /** While EventBridge is away the pace is that of the probes. */
    private boolean isDue(long due) throws InterruptedException {
        long wait = due - clock.millis();
        if (wait <= 0 || busState.isAway()) {
            return true;
        }
        Thread.sleep(Math.min(wait, LOOK_UP.toMillis()));
        return wait <= LOOK_UP.toMillis();
    }
}
