package org.routingbridge.steps;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/** Where an exchange goes on that waited for an answer. */
public final class Continuation {

    private Continuation() {
    }

    /**
     * Goes on at once where the answer is there; else on the event loop where it was, or on other threads than the one
     * that gives the answer.
     *
     * @return whether it was there
     */
    public static boolean after(CompletableFuture<?> answer, Exchange exchange, AsyncCallback callback,
            Executor others) {
        if (answer.isDone()) {
            fail(exchange, answer);
            callback.done(true);
            return true;
        }
        Context context = Vertx.currentContext();
        Executor executor = context != null && context.isEventLoopContext()
                ? task -> context.runOnContext(nothing -> task.run()) : others;
        answer.whenComplete((nothing, failure) -> executor.execute(() -> {
            fail(exchange, answer);
            callback.done(false);
        }));
        return false;
    }

    private static void fail(Exchange exchange, CompletableFuture<?> answer) {
        if (answer.isCompletedExceptionally()) {
            try {
                answer.join();
            } catch (CompletionException e) {
                exchange.setException(e.getCause());
            }
        }
    }
}
