package org.routingbridge.idempotency;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.Ticker;
import org.apache.camel.Exchange;
import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.support.service.ServiceSupport;
import org.routingbridge.cluster.Claims;
import org.routingbridge.cluster.Claims.Answer;
import org.routingbridge.cluster.Claims.Found;
import org.routingbridge.cluster.Undeduplicated;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.failure.LastingFault;
import org.routingbridge.ordering.Watermarks;
import org.routingbridge.settings.Settings;
import org.routingbridge.store.Books.Entry;
import org.routingbridge.store.ClaimTable;
import org.routingbridge.store.DeadLetterTable;
import org.routingbridge.store.EventKey;
import org.routingbridge.store.OutboxTable;
import org.routingbridge.store.SeenTable;
import org.routingbridge.store.SeenTable.Accepted;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoreUnavailable;
import org.routingbridge.store.WriteUnsettled;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The idempotent repository of event ids: an id is in flight, with the exchange that owns it, then safe for
 * {@code bridge.idempotency.ttl}, and for as long as the store holds its event, then forgotten (contract, section 3).
 * Taking an id is one atomic step, so that of any number of equal events at once exactly one goes on; each of the
 * others carries the {@link #FIRST_OUTCOME} that it may wait for. Camel's own Caffeine repository has neither a time
 * limit nor that step.
 *
 * <p>The ids are in a Caffeine cache, and twice a second in the store's table, from which the next process reads them
 * while it starts: first into a set that is quickly made, from there into the cache while it serves. Where several
 * bridges share the store, that says which ids are accepted or in flight ({@link Claims}), and what is in memory counts
 * only while the store does not answer.
 */
public final class SeenEvents extends ServiceSupport implements IdempotentRepository, AutoCloseable {

    /**
     * Exchange property of a duplicate: the {@link CompletableFuture} of the event in flight that it repeats, if any.
     */
    public static final String FIRST_OUTCOME = "bridge.firstOutcome";
    /** Exchange property of an event whose id was asked for among all bridges: whether it goes on. */
    private static final String IS_OURS = "bridge.idIsOurs";

    private static final Logger LOG = LoggerFactory.getLogger(SeenEvents.class);
    private static final Duration WRITE = Duration.ofMillis(500);
    private static final Duration CLOSING = Duration.ofSeconds(2);
    private static final int MOST_TOGETHER = 10_000;

    private final ConcurrentMap<String, CompletableFuture<Void>> inFlight = new ConcurrentHashMap<>();
    private final Cache<UUID, Boolean> safe;
    private final Policy.VarExpiration<UUID, Boolean> expiration;
    private final StoredIds storedIds = new StoredIds();
    private final Store store;
    private final Claims claims;
    private final Watermarks watermarks;
    private final Undeduplicated undeduplicated;
    private final long ttlMillis;
    private final long mostEntries;
    private final ConcurrentLinkedQueue<Accepted> unwritten = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final CompletableFuture<Void> loaded = new CompletableFuture<>();
    private final CompletableFuture<Void> filled = new CompletableFuture<>();
    private final ScheduledExecutorService writing = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "seen-events");
        thread.setDaemon(true);
        return thread;
    });
    private final LastingFault unread = new LastingFault();
    private final LastingFault unwritable = new LastingFault();
    private volatile FormerIds former = new FormerIds(0);
    private final Set<UUID> forgotten = ConcurrentHashMap.newKeySet();
    private volatile boolean storeRead;
    private long rows;

    /**
     * @param claims         of the ids, which several bridges may share
     * @param watermarks     know which events have passed the order check
     * @param undeduplicated is told of events about whose ids the others could not be asked
     */
    public SeenEvents(Settings settings, Store store, Claims claims, Watermarks watermarks,
                      Undeduplicated undeduplicated) {
        this(settings, store, claims, watermarks, undeduplicated, Ticker.systemTicker());
    }

    SeenEvents(Settings settings, Store store, Ticker ticker) {
        this(settings, store, Claims.NONE, new Watermarks(settings), new Undeduplicated(), ticker);
    }

    private SeenEvents(Settings settings, Store store, Claims claims, Watermarks watermarks,
                       Undeduplicated undeduplicated, Ticker ticker) {
        this.store = store;
        this.claims = claims;
        this.watermarks = watermarks;
        this.undeduplicated = undeduplicated;
        ttlMillis = settings.idempotencyTtl().toMillis();
        mostEntries = settings.idempotencyMaxEntries();
        safe = Caffeine.newBuilder().executor(Runnable::run).ticker(ticker).maximumSize(mostEntries)
                .expireAfter(Expiry.<UUID, Boolean>writing((id, accepted) -> settings.idempotencyTtl())).build();
        expiration = safe.policy().expireVariably().orElseThrow();
        if (claims.areShared()) {
            loaded.complete(null);
            filled.complete(null);
        } else {
            writing.execute(this::load);
            writing.scheduleWithFixedDelay(this::write, WRITE.toMillis(), WRITE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Ends once what an earlier process has accepted is known, or cannot be read. */
    CompletableFuture<Void> loaded() {
        return loaded;
    }

    /** Ends once all of it is in the cache. */
    CompletableFuture<Void> filled() {
        return filled;
    }

    private void load() {
        try {
            if (!storeRead && store.isOpen()) {
                former = formerIds();
                // what is left to be read may come while events do: the store is asked for ids that it may hold
                loaded.complete(null);
                eachHeldId(storedIds::add);
                storeRead = true;
            }
            if (storeRead && !filled.isDone()) {
                fill();
            }
        } catch (RuntimeException e) {
            if (unread.isToBeTold()) {
                LOG.warn("The ids that were accepted before cannot be read yet; an event of theirs that is sent again"
                        + " may be published again reason={}", e.getMessage());
            }
        } finally {
            loaded.complete(null);
        }
    }

    private void eachHeldId(Consumer<UUID> visitor) {
        Consumer<String> ids = id -> visitor.accept(EventKey.of(id));
        store.read(session -> {
            OutboxTable.eachId(session, ids);
            DeadLetterTable.eachId(session, ids);
            return null;
        });
    }

    private FormerIds formerIds() {
        return store.read(session -> {
            FormerIds ids = new FormerIds(SeenTable.count(session));
            rows = 0;
            SeenTable.each(session, (id, acceptedAt) -> {
                rows++;
                ids.add(id, acceptedAt);
            });
            return ids;
        });
    }

    /** What was seen since stays as it is. */
    @SuppressWarnings("CheckReturnValue")
    private void fill() {
        store.read(session -> {
            SeenTable.each(session, (id, acceptedAt) -> {
                long left = ttlMillis - (store.clock().millis() - acceptedAt);
                if (left > 0 && !forgotten.contains(id)) {
                    expiration.putIfAbsent(id, Boolean.TRUE, Math.min(left, ttlMillis), TimeUnit.MILLISECONDS);
                }
            });
            return null;
        });
        former = new FormerIds(0);
        forgotten.clear();
        filled.complete(null);
    }

    /** An accepted event has been lost, so that it is welcome again. */
    public void forget(String id) {
        UUID key = EventKey.of(id);
        if (!filled.isDone()) {
            forgotten.add(key);
        }
        safe.invalidate(key);
        if (claims.areShared()) {
            claims.forget(key);
        }
    }

    /** The store holds an event of this id, which counts as accepted for as long as it is there. */
    public void isStored(String id) {
        storedIds.add(EventKey.of(id));
    }

    /** The id counts as accepted from now on, for as long as ids do. */
    public void startWindow(String id) {
        accept(id);
    }

    public long size() {
        safe.cleanUp();
        return safe.estimatedSize();
    }

    /** Whether other bridges are to be asked about an id. */
    boolean areShared() {
        return claims.areShared();
    }

    /** The threads on which to go on when they have answered. */
    Executor afterwards() {
        return claims.afterwards();
    }

    /**
     * Asks all bridges for the id of an exchange's event; {@link #add} then says what came of it. One that is in flight
     * here is not asked for.
     *
     * @param deadline by {@link System#nanoTime()}, until when one in flight elsewhere is waited for
     * @return what they know of the event
     */
    CompletableFuture<Answer> ask(Exchange exchange, RoutingEvent event, long deadline) {
        CompletableFuture<Void> claim = new CompletableFuture<>();
        CompletableFuture<Void> first = inFlight.putIfAbsent(event.id(), claim);
        if (first != null) {
            exchange.setProperty(FIRST_OUTCOME, first);
            exchange.setProperty(IS_OURS, false);
            return CompletableFuture.completedFuture(Answer.IN_FLIGHT);
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                if (done.removeProperty(IS_OURS) instanceof Boolean isOurs && isOurs) {
                    // it never came to the step that takes the id
                    forget(event.id(), done.getException());
                }
            }
        });
        return claims.claim(EventKey.of(event.id()), event.orderingKey(), deadline).thenApply(answer -> {
            exchange.setProperty(IS_OURS, settle(event.id(), claim, answer.found()));
            return answer;
        });
    }

    /** Whether the exchange with this claim goes on. */
    private boolean settle(String id, CompletableFuture<Void> claim, Found found) {
        UUID key = EventKey.of(id);
        return switch (found) {
            case OURS -> true;
            case ACCEPTED -> {
                safe.put(key, Boolean.TRUE);
                yield isNotOurs(id, claim);
            }
            case IN_FLIGHT -> {
                inFlight.remove(id, claim);
                claim.completeExceptionally(new StoreUnavailable(FirstOutcome.NOT_KNOWN));
                yield false;
            }
            case UNKNOWN -> {
                if (safe.getIfPresent(key) != null) {
                    claims.release(key, false);
                    yield isNotOurs(id, claim);
                }
                undeduplicated.add(id);
                yield true;
            }
        };
    }

    private boolean isNotOurs(String id, CompletableFuture<Void> claim) {
        inFlight.remove(id, claim);
        claim.complete(null);
        return false;
    }

    /**
     * An event is safe: ends when all bridges know, or when that takes too long.
     *
     * @param isKept whether the store holds it
     */
    CompletableFuture<Void> tell(RoutingEvent event, boolean isKept) {
        UUID key = EventKey.of(event.id());
        Long newest = watermarks.moves(event) ? event.timestamp().toEpochMilli() : null;
        return isKept ? claims.kept(key, event.orderingKey(), newest)
                : claims.accept(key, event.orderingKey(), newest);
    }

    @Override
    public boolean add(Exchange exchange, String id) {
        if (claims.areShared() && exchange.removeProperty(IS_OURS) instanceof Boolean isOurs) {
            return isOurs;
        }
        CompletableFuture<Void> claim = new CompletableFuture<>();
        CompletableFuture<Void> first = claim(id, claim);
        if (first != null && first != claim) {
            exchange.setProperty(FIRST_OUTCOME, first);
        }
        return first == claim;
    }

    @Override
    public boolean add(String id) {
        CompletableFuture<Void> claim = new CompletableFuture<>();
        return claim(id, claim) == claim;
    }

    /** Our claim where we are the first, the first one's where it is in flight, null where the id is safe already. */
    private CompletableFuture<Void> claim(String id, CompletableFuture<Void> claim) {
        return inFlight.computeIfAbsent(id, key -> isSafe(key) ? null : claim);
    }

    private boolean isSafe(String id) {
        UUID key = EventKey.of(id);
        if (claims.areShared()) {
            return isKnownToAll(id, key);
        }
        // in this order, since ids go from the former ones into the cache meanwhile
        return wasAccepted(key) || safe.getIfPresent(key) != null
                || (!storeRead || storedIds.mayHold(key)) && isHeld(id);
    }

    private boolean wasAccepted(UUID key) {
        long acceptedAt = former.acceptedAt(key);
        return acceptedAt != FormerIds.NEVER && !forgotten.contains(key)
                && store.clock().millis() - acceptedAt < ttlMillis;
    }

    private boolean isKnownToAll(String id, UUID key) {
        try {
            return store.read(session -> ClaimTable.isKnown(session, id, ttlMillis));
        } catch (StoreUnavailable e) {
            return safe.getIfPresent(key) != null;
        }
    }

    private boolean isHeld(String id) {
        try {
            return store.read(session -> OutboxTable.holds(session, id) || DeadLetterTable.holds(session, id));
        } catch (StoreUnavailable e) {
            return false;
        }
    }

    /** Where bridges share the store, takes over what the others know of an event's ordering key. */
    public void learn(RoutingEvent event) {
        if (!claims.areShared()) {
            return;
        }
        try {
            Long newest = store.read(session -> ClaimTable.watermark(session, event.orderingKey()));
            if (newest != null) {
                watermarks.raise(event.orderingKey(), Instant.ofEpochMilli(newest));
            }
        } catch (StoreUnavailable e) {
            LOG.debug("What other bridges know of an ordering key is not known here", e);
        }
    }

    @Override
    public boolean contains(String id) {
        return inFlight.containsKey(id) || isSafe(id);
    }

    /** Whether the exchange's event repeats one that is safe by now. */
    public static boolean isSafeDuplicate(Exchange exchange) {
        CompletableFuture<?> first = exchange.getProperty(FIRST_OUTCOME, CompletableFuture.class);
        return exchange.getProperty(Exchange.DUPLICATE_MESSAGE, false, Boolean.class)
                && (first == null || first.isDone() && !first.isCompletedExceptionally());
    }

    /** The owner's event is safe: whoever waits for it learns so. */
    @Override
    public boolean confirm(String id) {
        CompletableFuture<Void> claim = inFlight.get(id);
        if (claim == null) {
            return false;
        }
        accept(id);
        if (claims.areShared()) {
            undeduplicated.remove(id);
            if (claims.isBegun(EventKey.of(id))) {
                // a route that did not wait for it
                claims.accept(EventKey.of(id), null, null);
            }
        }
        inFlight.remove(id, claim);
        claim.complete(null);
        return true;
    }

    /** Safe or not: what a route did not make safe is its sender's still, whichever way the route has ended. */
    @Override
    public boolean confirm(Exchange exchange, String id) {
        return end(exchange, id, exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
    }

    private boolean end(Exchange exchange, String id, Exception failure) {
        if (Outcome.of(exchange) != null) {
            return confirm(id);
        }
        if (failure instanceof WriteUnsettled unsettled) {
            watermarks.failed(id);
            unsettled.settlement().whenComplete((nothing, lost) -> {
                if (lost == null) {
                    confirm(id);
                } else {
                    forget(id, failure);
                }
            });
            return true;
        }
        return forget(id, failure);
    }

    private void accept(String id) {
        UUID key = EventKey.of(id);
        safe.put(key, Boolean.TRUE);
        if (claims.areShared()) {
            return;
        }
        if (waiting.incrementAndGet() > mostEntries) {
            unwritten.poll();
            waiting.decrementAndGet();
        }
        unwritten.add(new Accepted(key, store.clock().millis()));
    }

    /**
     * The owner has failed, which it may after its event was made safe. Where it is not known yet whether the event is
     * on disk, the id stays in flight until it is.
     */
    @Override
    public boolean remove(Exchange exchange, String id) {
        return end(exchange, id, exchange.getException());
    }

    /**
     * EventBridge has answered after all for an event whose exchange had gone on without. Where it took the event, that
     * is safe; where it did not, the exchange's own outcome counts.
     */
    public void settle(PublishAttempt attempt) {
        if (!attempt.result().isAccepted()) {
            return;
        }
        if (claims.areShared()) {
            tell(attempt.event(), false);
        }
        if (!confirm(attempt.event().id())) {
            accept(attempt.event().id());
        }
    }

    @Override
    public boolean remove(String id) {
        return forget(id, null);
    }

    /** The owner's event could not be made safe, so that the sender's next try is welcome. */
    private boolean forget(String id, Exception cause) {
        watermarks.failed(id);
        if (claims.areShared()) {
            undeduplicated.remove(id);
            claims.release(EventKey.of(id), watermarks.hasPassed(id));
        }
        CompletableFuture<Void> claim = inFlight.remove(id);
        if (claim == null) {
            return false;
        }
        claim.completeExceptionally(cause != null ? cause : new IllegalStateException("The event was not made safe"));
        return true;
    }

    @Override
    public void clear() {
        safe.invalidateAll();
    }

    private void write() {
        try {
            load();
            for (List<Accepted> some = take(); !some.isEmpty(); some = take()) {
                write(some);
            }
            tidyUp();
        } catch (RuntimeException e) {
            if (unwritable.isToBeTold()) {
                LOG.warn("Accepted ids could not be written down and are tried again reason={}", e.getMessage());
            }
        }
    }

    private List<Accepted> take() {
        List<Accepted> some = new ArrayList<>();
        for (Accepted next = unwritten.poll(); next != null;
                next = some.size() < MOST_TOGETHER ? unwritten.poll() : null) {
            some.add(next);
        }
        waiting.addAndGet(-some.size());
        return some;
    }

    private void write(List<Accepted> some) {
        try {
            store.write(session -> {
                SeenTable.insert(session, session.nextSeq(), some);
                return null;
            }).await();
            rows += some.size();
        } catch (RuntimeException e) {
            unwritten.addAll(some);
            waiting.addAndGet(some.size());
            throw e;
        }
    }

    private void tidyUp() {
        if (!store.isOpen() || store.failure() != null) {
            return;
        }
        long expired = store.clock().millis() - ttlMillis;
        // read first: an idle bridge has no need to sync its disk twice a second
        if (rows > mostEntries || rows > 0 && store.read(SeenTable::oldest) < expired) {
            rows -= store.write(session -> {
                long gone = SeenTable.expire(session, expired);
                long surplus = rows - gone - mostEntries;
                return gone + (surplus > 0 ? SeenTable.removeOldest(session, surplus) : 0);
            }).await();
        }
        if (storeRead && storedIds.isWorn(store.books().of(Entry.OUTBOX_ROWS)
                + store.books().of(Entry.DEAD_LETTER_ROWS))) {
            storedIds.renew(this::eachHeldId);
        }
    }

    /**
     * Writes down what is not yet. Not when Camel shuts a service down, which it does with the repository of every
     * route that it loads anew.
     */
    @Override
    public void close() {
        writing.shutdown();
        if (claims.areShared()) {
            return;
        }
        try {
            // what it has taken is on its way to the store, which is closed after this
            writing.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        write();
    }
}
