package org.routingbridge.outbox;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.routingbridge.deadletter.DeadLetterReasons;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.BusCircuitBreaker;
import org.routingbridge.idempotency.SeenEvents;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.settings.Settings;
import org.routingbridge.store.Books;
import org.routingbridge.store.Books.Entry;
import org.routingbridge.store.ClaimTable;
import org.routingbridge.store.DeadLetter;
import org.routingbridge.store.DeadLetterTable;
import org.routingbridge.store.OutboxTable;
import org.routingbridge.store.Session;
import org.routingbridge.store.SlotShare;
import org.routingbridge.store.Slots;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoreUnavailable;
import org.routingbridge.store.StoredEvent;
import org.routingbridge.store.Work;
import org.routingbridge.store.Write;

/**
 * What waits for EventBridge: whether another event has to, or can, go there, which one is the next to be tried, and
 * what became of it. An event follows those of its key that wait, since it must not overtake them.
 */
public final class Outbox {

    /** Keys share a counter where their hashes do; the store then says which of them waits. */
    private static final int COUNTERS = 1 << 16;
    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);
    private static final int MOST_TAKEN = 100_000;
    private static final Duration LONGEST_TAKEN = Duration.ofMinutes(1);
    private static final double NEARLY_FULL = 0.9;
    /** The fill level at which events are turned away, in percent. */
    public static final int FULL = 100;
    private static final int[] LEVELS = {FULL, 90, 80, 50};
    /** A level is left only so much below it, so that one event that comes and goes does not pass it each time. */
    private static final int SLACK = 5;

    /** An event that has left, and what is to be written down of that. */
    private record Departure(StoredEvent event, Work<?> work) {
    }

    private final boolean queuedDelivery;
    private final long maxBytes;
    private final long maxAgeMillis;
    private final long longestAttemptMillis;
    private final BusCircuitBreaker circuitBreaker;
    private final Store store;
    private final SeenEvents seenEvents;
    private final DeadLetterReasons deadLetterReasons;
    private final Lanes lanes;
    private final SlotShare share;
    /** Rows in the store by their key's hash, and by their key those on their way there. */
    private final AtomicIntegerArray stored = new AtomicIntegerArray(COUNTERS);
    private final ConcurrentMap<String, Integer> reserved = new ConcurrentHashMap<>();
    /** Where the store is shared, when events of a key came into it from here last, by nano time. */
    private final Cache<String, Long> taken = Caffeine.newBuilder().executor(Runnable::run)
            .maximumSize(MOST_TAKEN).expireAfterWrite(LONGEST_TAKEN).build();
    private final AtomicLong reservedEvents = new AtomicLong();
    private final AtomicLong reservedBytes = new AtomicLong();
    /** By slot, events of which an attempt is still under way here. */
    private final AtomicIntegerArray awaited = new AtomicIntegerArray(Slots.COUNT);
    /** What has left and is still to be taken out of the store, which could not be done yet. */
    private final Queue<Departure> unwritten = new ConcurrentLinkedQueue<>();
    private final Set<Long> departed = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean writingLater = new AtomicBoolean();
    private final Semaphore wakeUp = new Semaphore(0);
    private volatile boolean turnedAway;
    private int fillLevel;

    public Outbox(Settings settings, BusCircuitBreaker circuitBreaker, Store store, SeenEvents seenEvents,
                  BridgeMetrics metrics, DeadLetterReasons deadLetterReasons) {
        queuedDelivery = settings.queuedDelivery();
        maxBytes = settings.outboxMaxBytes();
        maxAgeMillis = settings.outboxMaxAge().toMillis();
        longestAttemptMillis = settings.eventBridgeTimeout().plus(TRY_AGAIN).toMillis();
        this.circuitBreaker = circuitBreaker;
        this.store = store;
        this.seenEvents = seenEvents;
        this.deadLetterReasons = deadLetterReasons;
        share = store.share();
        lanes = new Lanes(new StoreRows(store, departed), System::nanoTime, store.clock()::millis,
                Math.max(settings.outboxRetryMaxDelay().toMillis(), share.isShared() ? longestAttemptMillis : 0));
        store.whenOpened(share.isShared() ? this::readAgain : countingOfKeys());
        share.add(new SlotShare.Hands() {
            @Override
            public boolean isUnderWay(int slot) {
                return Outbox.this.isUnderWay(slot);
            }

            @Override
            public void changed() {
                readAgain();
            }
        });
        metrics.gauge("bridge.outbox.depth", "Events in the outbox", this::pending);
        metrics.gauge("bridge.outbox.oldest.seconds", "Age of the event that has been in the outbox the longest",
                this::oldestSeconds);
        metrics.gauge("bridge.outbox.bytes", "Bytes of what the store holds: outbox, dead letters, notifications",
                () -> store.books().bytes());
        metrics.gauge("bridge.outbox.capacity.bytes", "Bytes that it may hold", () -> maxBytes);
    }

    private Work<Void> countingOfKeys() {
        return session -> {
            for (int i = 0; i < COUNTERS; i++) {
                stored.set(i, 0);
            }
            OutboxTable.eachKey(session, (key, rows) -> stored.addAndGet(counter(key), rows));
            lanes.arrived();
            return null;
        };
    }

    /** After a failover places may have been given out once more that were given out before. */
    private Void readAgain(Session session) {
        readAgain();
        return null;
    }

    private void readAgain() {
        lanes.restart();
        wakeUp.release();
    }

    private boolean isUnderWay(int slot) {
        return awaited.get(slot) > 0
                || unwritten.stream().anyMatch(departure -> Slots.of(departure.event().orderingKey()) == slot)
                || lanes.isUnderWay(key -> Slots.of(key) == slot);
    }

    private static int counter(String orderingKey) {
        int hash = orderingKey.hashCode() * 0x9E3779B9;
        return hash >>> 16;
    }

    /** Whether an event has to go to the outbox without being tried first. */
    public boolean isFor(RoutingEvent event) {
        if (!queuedDelivery && !circuitBreaker.isOpen()) {
            return isWaiting(event.orderingKey());
        }
        // where nothing waits that would find out whether EventBridge is back, the event itself does
        return !circuitBreaker.isTurn() || isWaiting(event.orderingKey()) || !isToBeTried();
    }

    /** Where the consumer of what waits is not the one that finds out. */
    private boolean isToBeTried() {
        boolean nobodyDrains = share.slots() == 0;
        if (queuedDelivery) {
            return nobodyDrains && circuitBreaker.takeTry();
        }
        return circuitBreaker.takeTry() || (nobodyDrains || isNothingHere()) && circuitBreaker.takeProbe();
    }

    /** What waits at other bridges, or is about to, tells this one nothing of EventBridge. */
    boolean isNothingHere() {
        if (!share.isShared()) {
            return reservedEvents.get() == 0 && pending() == 0;
        }
        return share.isKnown() && (share.slots() == 0 || reservedEvents.get() == 0 && lanes.isEmpty());
    }

    /** Whether other bridges put events in too. */
    boolean isShared() {
        return share.isShared();
    }

    /** Whether one of this key has come here, through this bridge, since a moment by nano time. */
    boolean hasTakenSince(String orderingKey, long moment) {
        Long last = taken.getIfPresent(orderingKey);
        return last != null && last - moment > 0;
    }

    /** Whether an event of now would come here, so far as that is known without trying it. */
    public boolean wouldTake(RoutingEvent event) {
        return queuedDelivery || circuitBreaker.isOpen() || isWaiting(event.orderingKey())
                || share.isShared() && isStored(event.orderingKey());
    }

    /** Whether there is room for one more. */
    public boolean hasRoomFor(RoutingEvent event) {
        return store.books().bytes() + reservedBytes.get() + event.utf8Length()
                + OutboxTable.OVERHEAD_BYTES <= maxBytes;
    }

    /** Of those that wait in the store other bridges' are told with an id's claim. */
    private boolean isWaiting(String orderingKey) {
        return reserved.containsKey(orderingKey) || !share.isShared() && stored.get(counter(orderingKey)) > 0
                && isStored(orderingKey);
    }

    private boolean isStored(String orderingKey) {
        try {
            return store.read(session -> OutboxTable.holdsKey(session, orderingKey));
        } catch (StoreUnavailable e) {
            // it must not overtake what may be there
            return true;
        }
    }

    /**
     * Takes an event in.
     *
     * @param deadline   by {@link System#nanoTime()}, when the answer comes at the latest
     * @param lateAnswer whether an attempt that is still under way was successful; null where there is none
     * @throws Refused {@code overloaded} where there is no room
     */
    CompletableFuture<?> take(StoredEvent given, Long deadline, CompletableFuture<Boolean> lateAnswer) {
        long bytes = OutboxTable.bytes(given.text());
        checkRoom(reservedBytes.addAndGet(bytes), bytes);
        boolean isAwaited = share.isShared() && lateAnswer != null;
        StoredEvent event = isAwaited ? awaitAnswer(given) : given;
        int counter = counter(event.orderingKey());
        reserved.merge(event.orderingKey(), 1, Integer::sum);
        reservedEvents.incrementAndGet();
        Write<StoredEvent> write = store.write(session -> {
            StoredEvent placed = placed(event, session.nextSeq());
            OutboxTable.insert(session, placed);
            ClaimTable.accept(session, placed.eventId());
            return placed;
        }, deadline);
        write.settlement().whenComplete((placed, failure) -> {
            if (failure == null) {
                stored.incrementAndGet(counter);
                seenEvents.isStored(event.eventId());
                if (share.isShared()) {
                    taken.put(event.orderingKey(), System.nanoTime());
                }
            }
            reserved.computeIfPresent(event.orderingKey(), (key, rows) -> rows == 1 ? null : rows - 1);
            reservedEvents.decrementAndGet();
            reservedBytes.addAndGet(-bytes);
            if (failure == null) {
                arrived();
            }
            if (isAwaited) {
                lateAnswer.copy().orTimeout(longestAttemptMillis, TimeUnit.MILLISECONDS)
                        .whenComplete((accepted, none) -> answered(event,
                                failure == null && Boolean.TRUE.equals(accepted) ? placed : null));
            }
        });
        return write.answer();
    }

    /**
     * A bridge that goes on with the event learns nothing of an attempt that is under way at another one, and begins
     * when that is over. A slot of ours stays so until then.
     */
    private StoredEvent awaitAnswer(StoredEvent event) {
        awaited.incrementAndGet(Slots.of(event.orderingKey()));
        if (share.holdsKey(event.orderingKey())) {
            return event;
        }
        long answered = store.clock().millis() + longestAttemptMillis;
        return new StoredEvent(event.seq(), event.eventId(), event.orderingKey(), event.text(), event.about(),
                event.receivedWall(), event.enteredAt(), Math.max(event.dueAt(), answered), event.attempts(),
                event.aloneFailures(), event.acceptedEntries(), event.reason(), event.isIntact());
    }

    /** @param published is on the bus after all; where that cannot be written down, it is so twice, as after a crash */
    private void answered(StoredEvent event, StoredEvent published) {
        int slot = Slots.of(event.orderingKey());
        if (published == null) {
            awaited.decrementAndGet(slot);
            return;
        }
        store.write(session -> {
            OutboxTable.published(session, published);
            ClaimTable.leave(session, published.eventId());
            return null;
        }).settlement().whenComplete((nothing, failure) -> awaited.decrementAndGet(slot));
    }

    /** Whether another bridge has taken an event out, which learned late that it is on the bus. */
    boolean isTakenOut(StoredEvent event) {
        return share.isShared() && event.attempts() > 0
                && !store.read(session -> OutboxTable.holds(session, event.eventId()));
    }

    private void checkRoom(long reservedNow, long bytes) {
        if (store.books().bytes() + reservedNow > maxBytes) {
            reservedBytes.addAndGet(-bytes);
            turnedAway = true;
            throw new Refused(Refusal.OVERLOADED, "The outbox is full; send the event again later");
        }
    }

    private static StoredEvent placed(StoredEvent event, long seq) {
        return new StoredEvent(seq, event.eventId(), event.orderingKey(), event.text(), event.about(),
                event.receivedWall(), event.enteredAt(), event.dueAt(), event.attempts(), event.aloneFailures(),
                event.acceptedEntries(), event.reason(), true);
    }

    /** Keeps an event that was never here and will not go to the bus. */
    CompletableFuture<?> bury(DeadLetter letter, Long deadline) {
        long bytes = OutboxTable.bytes(letter.text());
        checkRoom(reservedBytes.addAndGet(bytes), bytes);
        Write<?> write = store.write(session -> {
            DeadLetterTable.insert(session, placed(letter, session.nextSeq()));
            ClaimTable.accept(session, letter.eventId());
            return null;
        }, deadline);
        write.settlement().whenComplete((nothing, failure) -> {
            reservedBytes.addAndGet(-bytes);
            if (failure == null) {
                seenEvents.isStored(letter.listedId());
                deadLetterReasons.entered(letter.listedId(), letter.reason());
            }
        });
        return write.answer();
    }

    /** An event of the outbox becomes a dead letter. */
    CompletableFuture<?> bury(StoredEvent event, DeadLetter letter) {
        if (letter.isDamaged()) {
            seenEvents.forget(event.eventId());
        }
        deadLetterReasons.entered(letter.listedId(), letter.reason());
        return leave(event, session -> {
            DeadLetterTable.insertFromOutbox(session, event, placed(letter, session.nextSeq()));
            return null;
        });
    }

    static DeadLetter placed(DeadLetter letter, long seq) {
        return new DeadLetter(seq, letter.listedId(), letter.eventId(), letter.orderingKey(), letter.text(),
                letter.about(), letter.receivedWall(), letter.atWall(), letter.atSteady(), letter.reasonCode(),
                letter.reason(), letter.attempts(), true);
    }

    /** An event of the outbox is on the bus. */
    CompletableFuture<?> published(StoredEvent event) {
        seenEvents.startWindow(event.eventId());
        return leave(event, session -> {
            OutboxTable.published(session, event);
            ClaimTable.leave(session, event.eventId());
            return null;
        });
    }

    /** Its key goes on once that is on disk; where the disk fails, at once, and what is to be written is kept. */
    private CompletableFuture<?> leave(StoredEvent event, Work<?> work) {
        return store.write(work).settlement().handle((nothing, failure) -> {
            stored.decrementAndGet(counter(event.orderingKey()));
            if (failure instanceof StoreUnavailable) {
                departed.add(event.seq());
                unwritten.add(new Departure(event, work));
                writeLater();
            }
            lanes.left(event);
            wakeUp.release();
            return null;
        });
    }

    private void writeLater() {
        if (writingLater.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(TRY_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(this::writeUnwritten);
        }
    }

    private void writeUnwritten() {
        // they count as under way until they are written down
        List<Departure> taken = List.copyOf(unwritten);
        store.write(session -> {
            for (Departure departure : taken) {
                departure.work().in(session);
            }
            return null;
        }).settlement().handle((nothing, failure) -> {
            if (failure == null) {
                for (Departure departure : taken) {
                    unwritten.remove(departure);
                    departed.remove(departure.event().seq());
                }
            }
            writingLater.set(false);
            if (!unwritten.isEmpty()) {
                writeLater();
            }
            return null;
        });
    }

    /** An event of the outbox stays there. */
    void postpone(StoredEvent event, Duration pause) {
        StoredEvent later = new StoredEvent(event.seq(), event.eventId(), event.orderingKey(), event.text(),
                event.about(), event.receivedWall(), event.enteredAt(), store.clock().millis() + pause.toMillis(),
                event.attempts(), event.aloneFailures(), event.acceptedEntries(), event.reason(), event.isIntact());
        store.write(session -> {
            OutboxTable.postpone(session, later);
            return null;
        }).settlement().handle((nothing, failure) -> {
            lanes.postponed(event, failure == null ? pause.toNanos() : Math.max(pause.toNanos(), TRY_AGAIN.toNanos()));
            wakeUp.release();
            return null;
        });
    }

    /** Up to so many events that are to be tried now, each of another key. */
    List<StoredEvent> next(int most) {
        return lanes.next(most);
    }

    /** Waits until there may be something to try, or so long at most. */
    boolean awaitReady(Duration atMost) throws InterruptedException {
        if (!hasReady()) {
            Long due = share.slots() == 0 ? null : lanes.nanosUntilDue();
            long wait = due == null ? atMost.toNanos() : Math.min(due, atMost.toNanos());
            boolean isCalled = wakeUp.tryAcquire(wait, TimeUnit.NANOSECONDS);
            wakeUp.drainPermits();
            if (!isCalled && share.isShared()) {
                // other bridges call nobody here
                lanes.arrived();
            }
        }
        return hasReady();
    }

    /** Where there may be rows, but not of this bridge, those who send events here find out how EventBridge is. */
    private boolean hasReady() {
        return share.slots() != 0 && lanes.hasReady();
    }

    private void arrived() {
        lanes.arrived();
        wakeUp.release();
    }

    /** Events were put in by somebody else. */
    void arrived(String orderingKey) {
        stored.incrementAndGet(counter(orderingKey));
        arrived();
    }

    void wakeUp() {
        wakeUp.release();
    }

    /**
     * What is too old is not tried any more.
     *
     * @throws EventTooOld where it has been here for longer than {@code bridge.outbox.max.age}
     */
    public void refuseTooOld(StoredEvent event) {
        if (store.clock().millis() - event.enteredAt() > maxAgeMillis) {
            throw new EventTooOld();
        }
    }

    public long pending() {
        // of what other bridges have put in and this one has taken out one may be known before the other
        return Math.max(0, store.books().of(Entry.OUTBOX_ROWS));
    }

    /** Since the event that waits longest came; not a number where the store cannot say. */
    private Number oldestSeconds() {
        if (pending() == 0) {
            return 0;
        }
        try {
            Long enteredAt = store.read(OutboxTable::oldest);
            return enteredAt == null ? 0 : Math.max(0, store.clock().millis() - enteredAt) / 1000.0;
        } catch (StoreUnavailable e) {
            return Double.NaN;
        }
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

    public Balance balance() {
        Books books = store.balancedBooks();
        return new Balance(books.of(Entry.ENTERED), books.of(Entry.PUBLISHED), books.of(Entry.DEAD_LETTERED),
                books.of(Entry.OUTBOX_ROWS));
    }

    /** Over 90 % full. */
    public boolean isNearlyFull() {
        return store.books().bytes() > maxBytes * NEARLY_FULL;
    }

    /**
     * The highest of 0, 50, 80 and 90 percent that the store is filled to, or {@link #FULL} once an event found no
     * room. It falls when there is clearly less.
     */
    public synchronized int fillLevel() {
        double percent = 100.0 * store.books().bytes() / maxBytes;
        if (turnedAway) {
            turnedAway = false;
            fillLevel = FULL;
            return fillLevel;
        }
        int reached = 0;
        for (int level : LEVELS) {
            boolean isHeld = level <= fillLevel && percent >= level - SLACK;
            if (reached == 0 && (isHeld || level != FULL && percent >= level)) {
                reached = level;
            }
        }
        fillLevel = reached;
        return reached;
    }

    /** Why the store cannot be written to, or null. */
    public String diskFailure() {
        return store.failure();
    }

    /** What was found damaged, or null. */
    public String damage() {
        return store.damage();
    }
}
