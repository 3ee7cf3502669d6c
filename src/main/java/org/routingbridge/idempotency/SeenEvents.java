package org.routingbridge.idempotency;

import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import org.apache.camel.Exchange;
import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.support.service.ServiceSupport;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.settings.DataDirectory;
import org.routingbridge.settings.Settings;

/**
 * The idempotent repository of event ids: an id is in flight, with the exchange that owns it, then safe for
 * {@code bridge.idempotency.ttl}, then forgotten. Taking an id is one atomic step, so that of any number of equal
 * events at once exactly one goes on; each of the others carries the {@link #FIRST_OUTCOME} that it may wait for.
 * Camel's own Caffeine repository has neither a time limit nor that step.
 */
public final class SeenEvents extends ServiceSupport implements IdempotentRepository {

    /**
     * Exchange property of a duplicate: the {@link CompletableFuture} of the event in flight that it repeats, if any.
     */
    public static final String FIRST_OUTCOME = "bridge.firstOutcome";

    private final ConcurrentMap<String, CompletableFuture<Void>> inFlight = new ConcurrentHashMap<>();
    private final SeenIds safe;
    private final SeenJournal journal;
    private final Clock clock;
    private final long ttlMillis;

    public SeenEvents(Settings settings, DataDirectory dataDirectory) {
        this(settings, Clock.systemUTC(),
                new SeenJournal(dataDirectory.path().resolve("seen"), settings.idempotencyTtl(), Clock.systemUTC()));
    }

    SeenEvents(Settings settings, Clock clock, SeenJournal journal) {
        this.clock = clock;
        this.journal = journal;
        ttlMillis = settings.idempotencyTtl().toMillis();
        safe = new SeenIds(settings.idempotencyMaxEntries(), ttlMillis);
        journal.open(this::restore);
    }

    /** An event of an earlier process counts as accepted since then, in epoch milliseconds. */
    public void restore(String id, long acceptedAt) {
        long now = clock.millis();
        if (now - acceptedAt < ttlMillis) {
            safe.putIfAbsent(id, acceptedAt, now);
        }
    }

    /** An accepted event has been lost, so that it is welcome again. */
    public void forget(String id) {
        safe.remove(id);
    }

    public int size() {
        return safe.size();
    }

    @Override
    public boolean add(Exchange exchange, String id) {
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
        return inFlight.computeIfAbsent(id, key -> safe.contains(key, clock.millis()) ? null : claim);
    }

    @Override
    public boolean contains(String id) {
        return inFlight.containsKey(id) || safe.contains(id, clock.millis());
    }

    /** The owner's event is safe: whoever waits for it learns so. */
    @Override
    public boolean confirm(String id) {
        CompletableFuture<Void> claim = inFlight.get(id);
        if (claim == null) {
            return false;
        }
        accept(id);
        inFlight.remove(id, claim);
        claim.complete(null);
        return true;
    }

    private void accept(String id) {
        long now = clock.millis();
        safe.put(id, now, now);
        journal.add(id, now);
    }

    /**
     * The owner has failed. Camel says so too where a failure was handled on the way, as by the outbox or the dead
     * letters: then the event is safe.
     */
    @Override
    public boolean remove(Exchange exchange, String id) {
        boolean handled = exchange.getException() == null
                && exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class) != null;
        return handled ? confirm(id) : forget(id, exchange.getException());
    }

    /**
     * EventBridge has answered after all for an event whose exchange had gone on without. Where it took the event, that
     * is safe; where it did not, the exchange's own outcome counts.
     */
    public void settle(PublishAttempt attempt) {
        if (attempt.result().isAccepted() && !confirm(attempt.event().id())) {
            accept(attempt.event().id());
        }
    }

    @Override
    public boolean remove(String id) {
        return forget(id, null);
    }

    /** The owner's event could not be made safe, so that the sender's next try is welcome. */
    private boolean forget(String id, Exception cause) {
        CompletableFuture<Void> claim = inFlight.remove(id);
        if (claim == null) {
            return false;
        }
        claim.completeExceptionally(cause != null ? cause : new IllegalStateException("The event was not made safe"));
        return true;
    }

    @Override
    public void clear() {
        safe.clear();
    }

    @Override
    protected void doShutdown() {
        journal.close();
    }
}
