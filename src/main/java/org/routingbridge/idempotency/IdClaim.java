package org.routingbridge.idempotency;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import org.routingbridge.cluster.Claims.Answer;
import org.routingbridge.cluster.Claims.Found;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.PublishDeadline;
import org.routingbridge.eventbridge.ReplyBudget;
import org.routingbridge.ordering.Watermarks;
import org.routingbridge.steps.Continuation;
import org.routingbridge.store.StoreUnavailable;

/**
 * An event waits, without a thread, until it is known whether its id was accepted before: by an earlier process of this
 * bridge, right after a start, or by another bridge on the same store. What another has in flight is waited for, and
 * taken over where that one fails.
 */
public final class IdClaim extends AsyncProcessorSupport {

    private static final Duration NOTABLE_WAIT = Duration.ofMillis(100);
    private static final String KEY_WAITS = "bridge.keyWaits";
    private static final String ASKED_AT = "bridge.idAskedAt";

    private final SeenEvents seenEvents;
    private final SeenEventsLoaded loaded;
    private final Watermarks watermarks;
    private final ReplyBudget replyBudget;
    private final PublishDeadline publishDeadline;

    public IdClaim(SeenEvents seenEvents, SeenEventsLoaded loaded, Watermarks watermarks, ReplyBudget replyBudget,
                   PublishDeadline publishDeadline) {
        this.seenEvents = seenEvents;
        this.loaded = loaded;
        this.watermarks = watermarks;
        this.replyBudget = replyBudget;
        this.publishDeadline = publishDeadline;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        if (!seenEvents.areShared()) {
            return loaded.process(exchange, callback);
        }
        RoutingEvent event = exchange.getMessage().getBody(RoutingEvent.class);
        long began = System.nanoTime();
        CompletableFuture<Void> known = seenEvents.ask(exchange, event, began + replyBudget.wholeBudget().toNanos())
                .thenAccept(answer -> takeUp(exchange, event, answer, began));
        return Continuation.after(known, exchange, callback, seenEvents.afterwards());
    }

    private void takeUp(Exchange exchange, RoutingEvent event, Answer answer, long began) {
        if (answer.found() == Found.IN_FLIGHT && exchange.getProperty(SeenEvents.FIRST_OUTCOME) == null) {
            exchange.setException(new StoreUnavailable(FirstOutcome.NOT_KNOWN));
        }
        if (answer.found() != Found.IN_FLIGHT && System.nanoTime() - began > NOTABLE_WAIT.toNanos()) {
            // what was spent with waiting for another bridge, or for the store, is not there for attempts
            publishDeadline.startedAt(exchange, began);
        }
        if (answer.found() == Found.OURS) {
            exchange.setProperty(ASKED_AT, began);
            if (answer.newestMillis() != null) {
                watermarks.raise(event.orderingKey(), Instant.ofEpochMilli(answer.newestMillis()));
            }
            if (answer.passedBefore()) {
                watermarks.hasPassedElsewhere(event.id());
            }
            if (answer.isKeyWaiting()) {
                exchange.setProperty(KEY_WAITS, true);
            }
        }
    }

    /** When other bridges were asked for what they know of the exchange's event, by nano time; null where none was. */
    public static Long askedAt(Exchange exchange) {
        return exchange.getProperty(ASKED_AT, Long.class);
    }

    /** Whether events of its ordering key were in the outbox when the exchange's event came. */
    public static boolean isKeyWaiting(Exchange exchange) {
        return exchange.getProperty(KEY_WAITS) != null;
    }
}
