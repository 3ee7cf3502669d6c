package org.routingbridge.idempotency;

import java.util.concurrent.CompletableFuture;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * A duplicate waits, without a thread, for what becomes of the event it repeats: it goes on once that one is safe and
 * fails as that one failed (contract, section 3: "the same id still in flight").
 */
public final class FirstOutcome extends AsyncProcessorSupport {

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        CompletableFuture<?> outcome = exchange.getProperty(SeenEvents.FIRST_OUTCOME, CompletableFuture.class);
        if (outcome == null) {
            callback.done(true);
            return true;
        }
        outcome.whenComplete((safe, failure) -> {
            if (failure != null) {
                exchange.setException(failure);
            }
            callback.done(false);
        });
        return false;
    }
}
