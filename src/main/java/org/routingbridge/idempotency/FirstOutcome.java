package org.routingbridge.idempotency;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import org.routingbridge.eventbridge.ReplyBudget;
import org.routingbridge.store.StoreUnavailable;

/**
 * A duplicate waits, without a thread, for what becomes of the event it repeats: it goes on once that one is safe and
 * fails as that one failed (contract, section 3: "the same id still in flight").
 */
public final class FirstOutcome extends AsyncProcessorSupport {

    static final String NOT_KNOWN = "What becomes of the first event of this id is not known";

    private final ReplyBudget replyBudget;

    public FirstOutcome(ReplyBudget replyBudget) {
        this.replyBudget = replyBudget;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        CompletableFuture<?> outcome = exchange.getProperty(SeenEvents.FIRST_OUTCOME, CompletableFuture.class);
        if (outcome == null) {
            callback.done(true);
            return true;
        }
        CompletableFuture<?> inTime = outcome.copy()
                .orTimeout(replyBudget.wholeBudget().toMillis(), TimeUnit.MILLISECONDS);
        inTime.whenComplete((safe, failure) -> {
            if (failure instanceof TimeoutException) {
                exchange.setException(new StoreUnavailable(NOT_KNOWN));
            } else if (failure != null) {
                exchange.setException(failure instanceof CompletionException ? failure.getCause() : failure);
            }
            callback.done(false);
        });
        return false;
    }
}
