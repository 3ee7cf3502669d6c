package org.routingbridge.outbox;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.BusPublisher;
import org.routingbridge.store.StoreUnavailable;
import org.routingbridge.store.StoredEvent;

/**
 * Before an event of the outbox is tried: an attempt that was under way when it came here may have succeeded, which is
 * waited for, without a thread; one of another bridge's has taken the event out of the store. The variable
 * {@code isOnTheBus} then says so.
 */
public final class LateAnswer extends AsyncProcessorSupport {

    private static final int LONGEST_SECONDS = 30;

    private final BusPublisher publisher;
    private final Outbox outbox;

    public LateAnswer(BusPublisher publisher, Outbox outbox) {
        this.publisher = publisher;
        this.outbox = outbox;
    }

    private boolean goOn(Exchange exchange, AsyncCallback callback) {
        try {
            boolean isOnTheBus = outbox.isTakenOut(exchange.getVariable(OutboxProducer.STORED, StoredEvent.class));
            exchange.setVariable("isOnTheBus", isOnTheBus);
            if (isOnTheBus) {
                Outcome.PROCESSED.enter(exchange);
            }
        } catch (StoreUnavailable e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        String id = exchange.getMessage().getBody(RoutingEvent.class).id();
        CompletableFuture<Boolean> answer = publisher.lateAnswer(id);
        if (answer == null) {
            return goOn(exchange, callback);
        }
        answer.copy().orTimeout(LONGEST_SECONDS, TimeUnit.SECONDS).whenComplete((accepted, failure) -> {
            publisher.forgetLateAnswer(id);
            exchange.setVariable("isOnTheBus", Boolean.TRUE.equals(accepted));
            if (Boolean.TRUE.equals(accepted)) {
                Outcome.PROCESSED.enter(exchange);
            }
            callback.done(false);
        });
        return false;
    }
}
