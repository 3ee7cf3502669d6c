package org.routingbridge.outbox;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.camel.Exchange;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.BusPublisher;
import org.routingbridge.eventbridge.BusState;
import org.routingbridge.operations.BridgeMetrics;
import org.routingbridge.settings.Settings;
import org.routingbridge.webhook.Refusal;
import org.routingbridge.webhook.Refused;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is in the outbox: how many events of which key and how many bytes, and so whether another one has to, or can, go
 * there. An event follows those of its key that wait, since it must not overtake them.
 */
public final class Outbox {

    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    /** What a message takes beside the event's text, about. */
    private static final int OVERHEAD_BYTES = 1024;
    private static final Duration LATE_ANSWER = Duration.ofSeconds(30);

    private final boolean queuedDelivery;
    private final long maxBytes;
    private final Duration maxAge;
    private final BusState busState;
    private final BusPublisher publisher;
    private final Clock clock = Clock.systemUTC();
    private final Map<String, Integer> pendingByKey = new HashMap<>();
    private int pending;
    private long pendingBytes;
    private long published;
    private long deadLettered;
    private String diskFailure;

    public Outbox(Settings settings, BusState busState, BusPublisher publisher, BridgeMetrics metrics) {
        queuedDelivery = settings.queuedDelivery();
        maxBytes = settings.outboxMaxBytes();
        maxAge = settings.outboxMaxAge();
        this.busState = busState;
        this.publisher = publisher;
        metrics.gauge("bridge.outbox.depth", "Events in the outbox", this::pending);
    }

    /** Whether an event has to go to the outbox without being tried first. */
    public synchronized boolean isFor(RoutingEvent event) {
        return queuedDelivery || busState.isAway() || pendingByKey.containsKey(event.orderingKey());
    }

    /**
     * Takes room for an event, before it is written.
     *
     * @throws Refused {@code overloaded} where there is none
     */
    public synchronized void reserve(RoutingEvent event) {
        long bytes = bytes(event);
        if (pendingBytes + bytes > maxBytes) {
            throw new Refused(Refusal.OVERLOADED, "The outbox is full; send the event again later");
        }
        add(event.orderingKey(), bytes);
    }

    /**
     * An event could not be written after all.
     *
     * @throws Refused {@code overloaded}, always
     */
    public void refuseUnwritten(RoutingEvent event, Exception reason) {
        synchronized (this) {
            remove(event);
            diskFailure = reason.getMessage();
        }
        LOG.error("The outbox cannot be written to; the event stays with its sender eventId={} reason={}", event.id(),
                reason.getMessage());
        throw new Refused(Refusal.OVERLOADED, "The event cannot be kept on disk; send it again later");
    }

    /** An event is synced to disk. */
    public synchronized void written() {
        diskFailure = null;
    }

    /** Why the last write failed, or null. */
    public synchronized String diskFailure() {
        return diskFailure;
    }

    /** An event from the outbox is on the bus. */
    public synchronized void published(RoutingEvent event) {
        remove(event);
        published++;
    }

    /** An event from the outbox is a dead letter. */
    public synchronized void deadLettered(RoutingEvent event) {
        remove(event);
        deadLettered++;
    }

    synchronized void recovered(String orderingKey, long textBytes) {
        add(orderingKey, textBytes + OVERHEAD_BYTES);
    }

    private void add(String key, long bytes) {
        pendingByKey.merge(key, 1, Integer::sum);
        pending++;
        pendingBytes += bytes;
    }

    private void remove(RoutingEvent event) {
        pendingByKey.computeIfPresent(event.orderingKey(), (key, count) -> count == 1 ? null : count - 1);
        pending--;
        pendingBytes -= bytes(event);
    }

    private static long bytes(RoutingEvent event) {
        return event.utf8Length() + OVERHEAD_BYTES;
    }

    public synchronized int pending() {
        return pending;
    }

    /** Over 90 % full. */
    public synchronized boolean isNearlyFull() {
        return pendingBytes > maxBytes / 10 * 9;
    }

    /** Whether this exchange's event has been in the outbox for longer than {@code bridge.outbox.max.age}. */
    public boolean isTooOld(Exchange exchange) {
        Long enteredAt = exchange.getProperty(StoredEvents.ENTERED_AT, Long.class);
        return enteredAt != null && clock.millis() - enteredAt > maxAge.toMillis();
    }

    /**
     * Whether EventBridge has taken the event after all, from an attempt that was under way when the event came here.
     * Waits for that attempt's answer.
     */
    public boolean isOnTheBusAlready(RoutingEvent event) throws InterruptedException {
        CompletableFuture<Boolean> answer = publisher.lateAnswer(event.id());
        try {
            return answer != null && answer.get(LATE_ANSWER.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }
}
