package org.routingbridge.outbox;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;
import org.routingbridge.cluster.Undeduplicated;
import org.routingbridge.datalake.DataLakeNotifications;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.BusPublisher;
import org.routingbridge.eventbridge.PublishFailure;
import org.routingbridge.eventbridge.ReplyBudget;
import org.routingbridge.store.StoreUnavailable;
import org.routingbridge.store.StoredEvent;
import org.routingbridge.store.StoredNotification;

/**
 * Keeps an exchange's body on disk. The exchange goes on, with the same body, once it is synced there, and fails with
 * {@code StoreUnavailable} where it is not in the time that its sender waits. No thread is held meanwhile.
 */
final class OutboxProducer extends DefaultAsyncProducer {

    /** What a row that was handed out is called among an exchange's variables. */
    static final String STORED = "stored";
    private static final int THREADS = 4;
    private static final String NOT_ASKED = "Whether another bridge has the event cannot be asked just now";

    private final OutboxEndpoint.Name name;
    private final Outbox outbox;
    private final StoredEvents storedEvents;
    private final DataLakeNotifications notifications;
    private final ReplyBudget replyBudget;
    private final BusPublisher publisher;
    private final Undeduplicated undeduplicated;
    private ExecutorService afterCommit;

    OutboxProducer(OutboxEndpoint endpoint, OutboxEndpoint.Name name, Outbox outbox, StoredEvents storedEvents,
                   DataLakeNotifications notifications, ReplyBudget replyBudget, BusPublisher publisher,
                   Undeduplicated undeduplicated) {
        super(endpoint);
        this.name = name;
        this.outbox = outbox;
        this.storedEvents = storedEvents;
        this.notifications = notifications;
        this.replyBudget = replyBudget;
        this.publisher = publisher;
        this.undeduplicated = undeduplicated;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Context eventLoop = Vertx.currentContext();
        try {
            keep(exchange).whenComplete((kept, failure) -> {
                if (failure != null) {
                    exchange.setException(failure);
                } else if (exchange.getMessage().getBody() instanceof RoutingEvent) {
                    enterOutcome(exchange);
                }
                goOn(eventLoop, callback);
            });
            return false;
        } catch (RuntimeException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }

    private void enterOutcome(Exchange exchange) {
        switch (name) {
            case EVENTS -> Outcome.QUEUED.enter(exchange);
            case DEAD_LETTERS -> Outcome.DEAD_LETTERED.enter(exchange);
            case NOTIFICATIONS -> { }
        }
    }

    private void goOn(Context eventLoop, AsyncCallback callback) {
        if (eventLoop != null && eventLoop.isEventLoopContext()) {
            eventLoop.runOnContext(nothing -> callback.done(false));
        } else {
            afterCommit.execute(() -> callback.done(false));
        }
    }

    private CompletableFuture<?> keep(Exchange exchange) {
        Object stored = exchange.getVariable(STORED);
        return switch (name) {
            case EVENTS -> asked(exchange.getMessage().getBody(RoutingEvent.class), event -> take(exchange, event));
            case NOTIFICATIONS -> notifications.keep(exchange);
            case DEAD_LETTERS -> stored instanceof StoredNotification notification
                    ? notifications.bury(exchange, notification)
                    : stored instanceof StoredEvent event ? bury(exchange, event)
                    : exchange.getMessage().getBody() instanceof RoutingEvent event
                    ? asked(event, refused -> bury(exchange, refused))
                    : notifications.bury(exchange);
        };
    }

    /** Another bridge may have the same event: one about which nobody could be asked stays with its sender. */
    private CompletableFuture<?> asked(RoutingEvent event, Function<RoutingEvent, CompletableFuture<?>> keeping) {
        return undeduplicated.contains(event.id()) ? CompletableFuture.failedFuture(new StoreUnavailable(NOT_ASKED))
                : keeping.apply(event);
    }

    private CompletableFuture<?> take(Exchange exchange, RoutingEvent event) {
        return outbox.take(storedEvents.packNew(event, exchange), replyBudget.deadline(exchange),
                publisher.lateAnswer(event.id()));
    }

    private CompletableFuture<?> bury(Exchange exchange, StoredEvent stored) {
        exchange.removeVariable(STORED);
        return outbox.bury(stored, storedEvents.dead(stored, attempts(exchange, stored.attempts()), reason(exchange)));
    }

    private CompletableFuture<?> bury(Exchange exchange, RoutingEvent event) {
        return outbox.bury(storedEvents.dead(event, attempts(exchange, 0), reason(exchange)),
                replyBudget.deadline(exchange));
    }

    private static int attempts(Exchange exchange, int before) {
        PublishFailure failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, PublishFailure.class);
        return failure == null ? before : failure.attempt().number();
    }

    private static String reason(Exchange exchange) {
        Exception reason = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        return reason == null || reason.getMessage() == null ? "" : reason.getMessage();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        afterCommit = getEndpoint().getCamelContext().getExecutorServiceManager().newThreadPool(this, "after-commit",
                THREADS, THREADS);
    }

    @Override
    protected void doStop() throws Exception {
        getEndpoint().getCamelContext().getExecutorServiceManager().shutdownGraceful(afterCommit);
        super.doStop();
    }
}
