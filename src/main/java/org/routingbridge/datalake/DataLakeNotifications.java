package org.routingbridge.datalake;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.routingbridge.deadletter.DeadLetterReasons;
import org.routingbridge.event.Timestamps;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.failure.FailureText;
import org.routingbridge.history.DataLakeState;
import org.routingbridge.history.EventHistory;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.settings.Settings;
import org.routingbridge.store.Books.Entry;
import org.routingbridge.store.DeadLetter;
import org.routingbridge.store.DeadLetterTable;
import org.routingbridge.store.NotificationTable;
import org.routingbridge.store.SlotShare;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoreUnavailable;
import org.routingbridge.store.StoredNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the data lake's notifications, keeps those that it could not take, and knows which of its answers are final and
 * when it is to be tried again (contract, section 5).
 */
public final class DataLakeNotifications {

    private static final Logger LOG = LoggerFactory.getLogger(DataLakeNotifications.class);
    private static final String SOURCE = "eventbridge-bridge";
    /** Exchange variable with the id of the event that a notification is of. */
    private static final String EVENT_ID = "eventId";
    private static final String REASON = "datalake";
    private static final String DAMAGED = "damaged: The checksum does not match the notification";
    private static final Duration MAX_AGE = Duration.ofHours(24);
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LONGEST_PAUSE_MILLIS = 60_000;
    private static final int MOST_DOUBLINGS = 10;
    /** Of the store, so that a data lake that is away leaves room for events. */
    private static final int SHARE_OF_STORE = 2;
    /** Of the heap, for those that are on their way to a disk that does not answer. */
    private static final int SHARE_OF_HEAP = 16;

    private final EventHistory history;
    private final Store store;
    private final boolean isWanted;
    private final long mostBytesStored;
    private final AtomicLong bytesUnwritten = new AtomicLong();
    private final DeadLetterReasons deadLetterReasons;
    /** Why the last call failed; null after one that did not. */
    private volatile String trouble;
    private volatile boolean wasTold;
    private boolean away;
    private String awayReason;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private long nextTry = System.nanoTime();

    public DataLakeNotifications(Settings settings, Store store, BridgeMetrics metrics, EventHistory history,
                                 DeadLetterReasons deadLetterReasons) {
        this.store = store;
        this.history = history;
        this.deadLetterReasons = deadLetterReasons;
        isWanted = settings.dataLakeUrl() != null;
        mostBytesStored = settings.outboxMaxBytes() / SHARE_OF_STORE;
        metrics.gauge("bridge.datalake.pending", "Notifications that the data lake could not take yet", this::pending);
    }

    static long mostBytesUnwritten() {
        return Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
    }

    /** The exchange's successful attempt becomes a notification as JSON in UTF-8, of an event that it still knows. */
    public void make(Exchange exchange) throws JsonProcessingException {
        PublishAttempt success = exchange.getMessage().getBody(PublishAttempt.class);
        exchange.setVariable(EVENT_ID, success.event().id());
        exchange.getMessage().setBody(of(success));
    }

    byte[] of(PublishAttempt success) throws JsonProcessingException {
        return new DataLakeNotification(SOURCE, success.event().eventType(), success.event().id(),
                Timestamps.format(success.endedAt()), success.result().latency().toMillis())
                .with(success.event().routingContext());
    }

    /** Whether trying again is of no use: any status but a 5xx, 408 and 429. */
    public boolean isRefused(@ExchangeException Exception failure) {
        if (!(failure instanceof HttpOperationFailedException answered)) {
            return false;
        }
        int status = answered.getStatusCode();
        return status < 500 && status != 408 && status != 429;
    }

    /** Whether a kept notification is to be tried no more: it is refused, or a day old. */
    public boolean isGivenUp(Exchange exchange) {
        return isRefused(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class))
                || exchange.getVariable("stored") instanceof StoredNotification kept
                && store.clock().millis() - kept.enteredAt() > MAX_AGE.toMillis();
    }

    private static String eventId(Exchange exchange) {
        return exchange.getVariable(EVENT_ID, "unknown", String.class);
    }

    /** The data lake has the exchange's notification at the first try. */
    public void told(Exchange exchange) {
        isWell();
        history.dataLake(eventId(exchange), DataLakeState.TOLD, null);
    }

    /** Keeps the exchange's notification on disk, to be tried again in half a second. */
    public CompletableFuture<?> keep(Exchange exchange) {
        byte[] text = text(exchange);
        if (bytesUnwritten.addAndGet(text.length) > mostBytesUnwritten()
                || store.books().of(Entry.NOTIFICATION_BYTES) > mostBytesStored) {
            bytesUnwritten.addAndGet(-text.length);
            return CompletableFuture.failedFuture(new StoreUnavailable("There is no room for more notifications"));
        }
        long now = store.clock().millis();
        boolean wasTried = exchange.getProperty(Exchange.EXCEPTION_CAUGHT) instanceof IOException
                || exchange.getProperty(Exchange.EXCEPTION_CAUGHT) instanceof HttpOperationFailedException;
        if (wasTried) {
            trouble = "out of reach: "
                    + FailureText.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
        }
        String eventId = eventId(exchange);
        String reason = describe(exchange);
        StoredNotification kept = new StoredNotification(0, eventId, text, System.currentTimeMillis(), now,
                now + FIRST_PAUSE_MILLIS, wasTried ? 1 : 0, "", true);
        return store.write(session -> {
            NotificationTable.insert(session, new StoredNotification(session.nextSeq(), kept.eventId(), kept.text(),
                    kept.receivedWall(), kept.enteredAt(), kept.dueAt(), kept.attempts(), "", true));
            return null;
        }).settlement().whenComplete((nothing, failure) -> {
            bytesUnwritten.addAndGet(-text.length);
            if (failure == null) {
                history.dataLake(eventId, DataLakeState.WAITING, reason);
            }
        });
    }

    /** A new notification becomes a dead letter. */
    public CompletableFuture<?> bury(Exchange exchange) {
        byte[] text = text(exchange);
        DeadLetter letter = dead(eventId(exchange), text, System.currentTimeMillis(), 1);
        tell(exchange, letter);
        return store.write(session -> {
            DeadLetterTable.insert(session, placed(letter, session.nextSeq()));
            return null;
        }).settlement();
    }

    /** A kept notification becomes a dead letter. */
    public CompletableFuture<?> bury(Exchange exchange, StoredNotification kept) {
        if (isRefused(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class))) {
            answered();
        }
        DeadLetter letter = dead(kept.eventId(), kept.text(), kept.receivedWall(), kept.attempts() + 1);
        tell(exchange, letter);
        return store.write(session -> {
            DeadLetterTable.insertFromNotifications(session, kept, placed(letter, session.nextSeq()));
            return null;
        }).settlement();
    }

    /** A kept notification is not what was written, which the data lake must not get. */
    public void buryDamaged(StoredNotification kept) {
        DeadLetter letter = new DeadLetter(0, DeadLetter.NOTIFICATION_PREFIX + kept.eventId(), kept.eventId(), "",
                kept.text(), "", kept.receivedWall(), System.currentTimeMillis(), store.clock().millis(), DAMAGED,
                kept.attempts());
        deadLetterReasons.entered(letter.listedId(), DAMAGED);
        LOG.error("A notification for the data lake was changed by the disk; it is a dead letter eventId={}",
                kept.eventId());
        store.write(session -> {
            DeadLetterTable.insertFromNotifications(session, kept, placed(letter, session.nextSeq()));
            return null;
        }).await();
    }

    /** As it was posted, whatever the answer has left of it. */
    private static byte[] text(Exchange exchange) {
        byte[] posted = exchange.getVariable("notification", byte[].class);
        return posted == null ? exchange.getMessage().getBody(byte[].class) : posted;
    }

    /** A notification can be kept nowhere. */
    public void lost(Exchange exchange) {
        String eventId = eventId(exchange);
        String reason = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class).getMessage();
        history.dataLake(eventId, DataLakeState.LOST, reason);
        LOG.error("A notification for the data lake can be kept nowhere and is lost eventId={} reason={}", eventId,
                reason);
    }

    private void tell(Exchange exchange, DeadLetter letter) {
        String reason = describe(exchange);
        trouble = "refuses notifications: "
                + FailureText.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
        history.dataLake(letter.eventId(), DataLakeState.DEAD_LETTERED, reason);
        deadLetterReasons.entered(letter.listedId(), REASON + ": " + reason);
    }

    private static String describe(Exchange exchange) {
        return describe(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
    }

    private static String describe(Exception failure) {
        return failure instanceof HttpOperationFailedException answered ? "status " + answered.getStatusCode()
                : failure == null ? "unknown" : failure.getClass().getSimpleName();
    }

    private DeadLetter dead(String eventId, byte[] text, long receivedWall, int attempts) {
        return new DeadLetter(0, DeadLetter.NOTIFICATION_PREFIX + eventId, eventId, "", text, "", receivedWall,
                System.currentTimeMillis(), store.clock().millis(), REASON, attempts);
    }

    private static DeadLetter placed(DeadLetter letter, long seq) {
        return new DeadLetter(seq, letter.listedId(), letter.eventId(), "", letter.text(), "",
                letter.receivedWall(), letter.atWall(), letter.atSteady(), letter.reason(), letter.attempts());
    }

    /** Those whose time has come; while the data lake is away, the one that is to find out whether it still is. */
    public List<StoredNotification> due(int most) {
        int some = most;
        synchronized (this) {
            if (away) {
                some = isResting() ? 0 : 1;
            }
        }
        int page = some;
        if (page == 0 || pending() == 0) {
            return List.of();
        }
        long now = store.clock().millis();
        if (!store.share().isShared()) {
            return store.read(session -> NotificationTable.due(session, now, page));
        }
        long slots = store.share().slots();
        return slots == 0 ? List.of() : store.read(session -> NotificationTable.due(session, now, slots, page));
    }

    /** What of them this bridge hands out. */
    public SlotShare share() {
        return store.share();
    }

    private boolean isResting() {
        return away && System.nanoTime() - nextTry < 0;
    }

    /** Whether it is still to be tried, since it was read. */
    public boolean isThere(StoredNotification kept) {
        return store.share().holdsEvent(kept.eventId())
                && store.read(session -> NotificationTable.isDue(session, kept.seq(), store.clock().millis()));
    }

    /**
     * Whether the data lake may be called now. While it is away that is one call at a time, at pauses that grow to a
     * minute; the caller then makes it.
     */
    public synchronized boolean takeTurn() {
        long now = System.nanoTime();
        if (isResting()) {
            return false;
        }
        nextTry = away ? now + Duration.ofMillis(LONGEST_PAUSE_MILLIS).toNanos() : now;
        return true;
    }

    /** The data lake is there, whatever it said. */
    private synchronized void answered() {
        away = false;
        pauseMillis = FIRST_PAUSE_MILLIS;
    }

    /** The data lake has a kept notification. */
    public void toldLater(StoredNotification kept) {
        isWell();
        answered();
        store.write(session -> {
            NotificationTable.remove(session, kept);
            return null;
        }).await();
        history.dataLake(kept.eventId(), DataLakeState.TOLD, null);
    }

    /** The data lake could not take it. */
    public void postpone(StoredNotification kept, Exception failure) {
        trouble = "out of reach: " + FailureText.of(failure);
        synchronized (this) {
            pauseMillis = away ? Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2) : FIRST_PAUSE_MILLIS;
            away = true;
            awayReason = FailureText.of(failure);
            nextTry = System.nanoTime() + Duration.ofMillis(pauseMillis).toNanos();
        }
        long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(MOST_DOUBLINGS, kept.attempts()));
        store.write(session -> {
            NotificationTable.postpone(session, new StoredNotification(kept.seq(), kept.eventId(), kept.text(),
                    kept.receivedWall(), kept.enteredAt(), store.clock().millis() + pause, kept.attempts() + 1,
                    describe(failure), kept.isIntact()));
            return null;
        }).await();
    }

    /** Why the data lake cannot be told just now; null where it can, so far as is known. */
    public synchronized String awayReason() {
        return away ? awayReason : null;
    }

    private void isWell() {
        // a write that changes nothing would cost each event something
        if (trouble != null || !wasTold) {
            trouble = null;
            wasTold = true;
        }
    }

    /** How the data lake stands, in words fit for an operator: {@code ok}, or with the reason why not. */
    public String state() {
        if (!isWanted) {
            return "off";
        }
        String reason = trouble;
        return reason != null ? reason : wasTold ? "ok" : "not tried yet";
    }

    public long pending() {
        return store.books().of(Entry.NOTIFICATION_ROWS);
    }
}
