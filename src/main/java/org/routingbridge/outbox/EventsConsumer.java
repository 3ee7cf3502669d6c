package org.routingbridge.outbox;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.routingbridge.event.Outcome;
import org.routingbridge.eventbridge.BusCircuitBreaker;
import org.routingbridge.eventbridge.BusPublisher;
import org.routingbridge.eventbridge.PublishFailure;
import org.routingbridge.failure.LastingFault;
import org.routingbridge.steps.StopSteps;
import org.routingbridge.store.StoreUnavailable;
import org.routingbridge.store.StoredEvent;
import org.routingbridge.store.StoredText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out the events of the outbox: as many at a time as EventBridge's requests that may be in flight hold, each of
 * another key, and while EventBridge is away one at a time, which finds out whether it is back. One thread does so;
 * none is held by an event that is under way. An event that left is a route that has ended well.
 */
final class EventsConsumer extends DefaultConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(EventsConsumer.class);
    /** Entries in a PutEvents request at most, as AWS has it. */
    private static final int ENTRIES_OF_A_REQUEST = 10;
    private static final Duration LOOK_UP = Duration.ofMillis(200);
    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(1);

    private final Outbox outbox;
    private final BusCircuitBreaker circuitBreaker;
    private final BusPublisher publisher;
    private final LastingFault fault = new LastingFault();
    private final LastingFault unpublished = new LastingFault();
    private final AtomicInteger underWay = new AtomicInteger();
    private ExecutorService draining;

    EventsConsumer(OutboxEndpoint endpoint, Processor processor, Outbox outbox, BusCircuitBreaker circuitBreaker,
                   BusPublisher publisher) {
        super(endpoint, processor);
        this.outbox = outbox;
        this.circuitBreaker = circuitBreaker;
        this.publisher = publisher;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        draining = getEndpoint().getCamelContext().getExecutorServiceManager().newSingleThreadExecutor(this, "outbox");
        draining.execute(this::drain);
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        outbox.wakeUp();
        getEndpoint().getCamelContext().getExecutorServiceManager().shutdownNow(draining);
    }

    private boolean isToGoOn() {
        return isRunAllowed() && !isSuspendingOrSuspended() && !getEndpoint().getCamelContext().isStopping();
    }

    private void drain() {
        while (isRunAllowed()) {
            try {
                if (!isToGoOn()) {
                    Thread.sleep(LOOK_UP.toMillis());
                    continue;
                }
                if (outbox.awaitReady(LOOK_UP)) {
                    drainSome();
                }
                if (!circuitBreaker.isWell() && outbox.isNothingHere()) {
                    circuitBreaker.nothingWaits();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                if (fault.isToBeTold()) {
                    LOG.warn("The outbox cannot be read just now and is tried again reason={}", e.getMessage());
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(AFTER_A_FAULT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void drainSome() throws InterruptedException {
        int room = publisher.requestsAllowed() * ENTRIES_OF_A_REQUEST - underWay.get();
        if (room <= 0) {
            Thread.sleep(1);
            return;
        }
        if (!circuitBreaker.awaitTurn(LOOK_UP) || !isToGoOn()) {
            return;
        }
        List<StoredEvent> some = outbox.next(circuitBreaker.isOpen() ? 1 : room);
        if (some.isEmpty()) {
            // what was there is of keys that are under way or held back
            circuitBreaker.turnUnused();
        }
        for (int i = 0; i < some.size(); i++) {
            handOut(some.get(i), i, some.size());
        }
    }

    private void handOut(StoredEvent event, int index, int size) {
        Exchange exchange = createExchange(false);
        exchange.setProperty(ExchangePropertyKey.BATCH_INDEX, index);
        exchange.setProperty(ExchangePropertyKey.BATCH_SIZE, size);
        exchange.setProperty(ExchangePropertyKey.BATCH_COMPLETE, index == size - 1);
        exchange.setVariable(OutboxProducer.STORED, event);
        exchange.getMessage().setBody(event);
        underWay.incrementAndGet();
        getAsyncProcessor().process(exchange, doneSync -> ended(exchange, event));
    }

    private void ended(Exchange exchange, StoredEvent event) {
        try {
            Exception failure = exchange.getException();
            if (failure != null) {
                outbox.postpone(triedAgain(exchange, event, failure), pauseAfter(exchange, failure));
            } else if (exchange.getVariable(OutboxProducer.STORED) == event) {
                if (Outcome.of(exchange) == Outcome.PROCESSED) {
                    outbox.published(event);
                } else {
                    stays(exchange, event);
                }
            }
            if (!(failure instanceof PublishFailure)) {
                circuitBreaker.turnUnused();
            }
        } finally {
            underWay.decrementAndGet();
            releaseExchange(exchange, false);
        }
    }

    /** The route has ended well and the event is not on the bus: that is for whoever has edited the route. */
    private void stays(Exchange exchange, StoredEvent event) {
        if (unpublished.isToBeTold()) {
            LOG.error("A route has ended without publishing an event of the outbox, which stays there; let it go on to"
                    + " a step that publishes {} eventId={}", StopSteps.end(exchange), event.eventId());
        }
        outbox.postpone(event, AFTER_A_FAULT);
    }

    /** With what its last attempt has taught. */
    private static StoredEvent triedAgain(Exchange exchange, StoredEvent event, Exception failure) {
        if (!(failure instanceof PublishFailure published)) {
            return event;
        }
        return new StoredEvent(event.seq(), event.eventId(), event.orderingKey(), event.text(), event.about(),
                event.receivedWall(), event.enteredAt(), event.dueAt(), published.attempt().number(),
                published.attempt().aloneFailures(), StoredEvents.accepted(exchange),
                StoredText.of(failure.getMessage()),
                event.isIntact());
    }

    private static Duration pauseAfter(Exchange exchange, Exception failure) {
        Duration pause = exchange.getVariable("nextTry", Duration.class);
        if (pause == null && !(failure instanceof StoreUnavailable)) {
            LOG.warn("An event of the outbox could not be tried and stays there reason={}: {}",
                    failure.getClass().getSimpleName(), failure.getMessage());
        }
        return pause == null ? AFTER_A_FAULT : pause;
    }
}
