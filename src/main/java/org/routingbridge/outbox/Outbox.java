package org.routingbridge.outbox;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeException;
import org.apache.camel.Header;
import org.apache.camel.Headers;
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
    private static final Duration WRITE_PAUSE = Duration.ofSeconds(1);
    private static final String NOT_KEPT = "The event cannot be kept on disk; send it again later";
    private static final Duration LATE_ANSWER = Duration.ofSeconds(30);
    /** Far longer than a commit takes, and than the broker takes to deliver again what was not committed. */
    private static final Duration UNTIL_COMMITTED = Duration.ofMinutes(5);


    private final boolean queuedDelivery;
    private final long maxBytes;
    private final Duration maxAge;
    private final BusState busState;
    private final BusPublisher publisher;
    private final OutboxLedger ledger;
    private final Clock clock = Clock.systemUTC();
    private final Map<String, Integer> pendingByKey = new HashMap<>();
    /**
     * Messages that have left, and whether for the bus; the broker may deliver one again, if it could not note that.
     */
    private final Cache<String, Boolean> haveLeft = Caffeine.newBuilder().executor(Runnable::run)
            .expireAfterWrite(UNTIL_COMMITTED).build();
    private int pending;
    private long pendingBytes;
    private long entered;
    private long published;
    private long deadLettered;
    private long damaged;
    private volatile String diskFailure;
    private long nextWrite;

    public Outbox(Settings settings, BusState busState, BusPublisher publisher, BridgeMetrics metrics,
                  OutboxLedger ledger) {
        this.ledger = ledger;
        queuedDelivery = settings.queuedDelivery();
        maxBytes = settings.outboxMaxBytes();
        maxAge = settings.outboxMaxAge();
        this.busState = busState;
        this.publisher = publisher;
        metrics.gauge("bridge.outbox.depth", "Events in the outbox", this::pending);
    }

    /** Whether an event has to go to the outbox without being tried first. */
    public synchronized boolean isFor(RoutingEvent event) {
        return queuedDelivery || pendingByKey.containsKey(event.orderingKey())
                // where nothing waits that would find out whether EventBridge is back, the event itself does
                || busState.isAway() && !(pending == 0 && busState.takeProbe());
    }

    /**
     * Takes room for an event, before it is written.
     *
     * @throws Refused {@code overloaded} where there is none
     */
    public void reserve(RoutingEvent event) {
        reserve(event.orderingKey(), event.utf8Length());
    }

    synchronized void reserve(String orderingKey, long textBytes) {
        if (diskFailure != null) {
            long now = System.nanoTime();
            if (now - nextWrite < 0) {
                throw new Refused(Refusal.OVERLOADED, NOT_KEPT);
            }
            // one at a time finds out whether the disk is well again
            nextWrite = now + WRITE_PAUSE.toNanos();
        }
        if (pendingBytes + textBytes + OVERHEAD_BYTES > maxBytes) {
            throw new Refused(Refusal.OVERLOADED, "The outbox is full; send the event again later");
        }
        add(orderingKey, textBytes);
        entered++;
    }

    synchronized void release(String orderingKey, long textBytes) {
        remove(orderingKey, textBytes);
        entered--;
    }

    /**
     * An event could not be written after all.
     *
     * @throws Refused {@code overloaded}, always
     */
    public void refuseUnwritten(RoutingEvent event, @ExchangeException Exception reason) {
        release(event.orderingKey(), event.utf8Length());
        synchronized (this) {
            diskFailure = reason.getMessage();
            nextWrite = System.nanoTime() + WRITE_PAUSE.toNanos();
        }
        LOG.error("The outbox cannot be written to; the event stays with its sender eventId={} reason={}", event.id(),
                reason.getMessage());
        throw new Refused(Refusal.OVERLOADED, NOT_KEPT);
    }

    /** An event is synced to disk. */
    public void written(@Header(StoredEvents.EVENT_ID) String eventId) {
        ledger.entered(eventId);
        diskFailure = null;
    }

    /** Why the last write failed, or null. */
    public String diskFailure() {
        return diskFailure;
    }

    /** An event from the outbox is on the bus. */
    public synchronized void published(RoutingEvent event, String messageId) {
        if (leaves(event, messageId, true)) {
            published++;
        }
    }

    /** An event from the outbox is a dead letter. */
    public synchronized void deadLettered(RoutingEvent event, String messageId) {
        if (leaves(event, messageId, false)) {
            deadLettered++;
        }
    }

    private boolean leaves(RoutingEvent event, String messageId, boolean forTheBus) {
        if (haveLeft.asMap().putIfAbsent(messageId, forTheBus) != null) {
            return false;
        }
        ledger.left(event.id());
        remove(event.orderingKey(), event.utf8Length());
        return true;
    }

    /** An event from the outbox was damaged and is kept elsewhere; its headers are what is left of it. */
    public synchronized void setAside(@Headers Map<String, Object> headers) {
        StoredMessage stored = new StoredMessage(headers::get);
        ledger.left(stored.eventId());
        remove(stored.orderingKey(), stored.textBytes());
        deadLettered++;
        damaged++;
    }

    /** So many events that the broker held are not among its messages any more; they have been named elsewhere. */
    synchronized void missing(int events) {
        entered += events;
        deadLettered += events;
        damaged += events;
    }

    /** Events that this process found damaged or missing. */
    public synchronized long damaged() {
        return damaged;
    }

    /** Takes up what the last process left: its counts of what has left the outbox, and the events that are in it. */
    synchronized void recover(long publishedBefore, long deadLetteredBefore) {
        published = publishedBefore;
        deadLettered = deadLetteredBefore;
        entered = published + deadLettered;
    }

    synchronized void recovered(String orderingKey, long textBytes) {
        add(orderingKey, textBytes);
        entered++;
    }

    private void add(String key, long textBytes) {
        pendingByKey.merge(key, 1, Integer::sum);
        pending++;
        pendingBytes += textBytes + OVERHEAD_BYTES;
    }

    private void remove(String key, long textBytes) {
        pendingByKey.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
        pending--;
        pendingBytes -= textBytes + OVERHEAD_BYTES;
    }

    public synchronized int pending() {
        return pending;
    }

    /** What has entered the outbox, and what became of it, over restarts. */
    @JsonPropertyOrder({"entered", "published", "dead_lettered", "pending"})
    public record Balance(long entered, long published,
                          @JsonProperty("dead_lettered") long deadLettered, long pending) {

        @JsonIgnore
        public boolean isBalanced() {
            return entered == published + deadLettered + pending && pending >= 0;
        }
    }

    public synchronized Balance balance() {
        return new Balance(entered, published, deadLettered, pending);
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
     * Whether EventBridge has taken the event already: from an attempt that was under way when the event came here,
     * whose answer this waits for, or before the broker delivered the message again.
     */
    public boolean isOnTheBusAlready(RoutingEvent event, String messageId) throws InterruptedException {
        if (Boolean.TRUE.equals(haveLeft.getIfPresent(messageId))) {
            return true;
        }
        CompletableFuture<Boolean> answer = publisher.lateAnswer(event.id());
        try {
            return answer != null && answer.get(LATE_ANSWER.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } finally {
            publisher.forgetLateAnswer(event.id());
        }
    }
}
