package org.routingbridge.operations;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.component.jsonvalidator.JsonValidationException;
import org.apache.camel.support.AsyncProcessorSupport;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.Received;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.UnvalidatedEvent;
import org.routingbridge.event.Violation;
import org.routingbridge.idempotency.SeenEvents;
import org.routingbridge.listing.JsonListStream;
import org.routingbridge.listing.ListQuery;
import org.routingbridge.listing.ListedEvent;
import org.routingbridge.listing.Replayed;
import org.routingbridge.ordering.Watermarks;
import org.routingbridge.steps.Continuation;
import org.routingbridge.store.Books.Entry;
import org.routingbridge.store.RejectedTable;
import org.routingbridge.store.RejectedTable.Rejected;
import org.routingbridge.store.Session;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoreUnavailable;
import org.routingbridge.store.StoredText;
import org.routingbridge.store.Write;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events with an id that were refused with 400, 409 or 413 {@code entry_too_large}: the newest 1,000 or 100 MB of
 * them (contract, section 8). As a processor it keeps one, for which the reply waits no longer than a healthy disk
 * takes.
 */
public final class RejectedEvents extends AsyncProcessorSupport {

    private static final Logger LOG = LoggerFactory.getLogger(RejectedEvents.class);
    private static final int MOST = 1000;
    private static final long MOST_BYTES = 100_000_000;
    private static final Set<Refusal> KEPT = EnumSet.of(Refusal.SCHEMA_VIOLATION, Refusal.ORDERING_VIOLATION,
            Refusal.ENTRY_TOO_LARGE);
    /** On their way to the disk at once; what comes while that does not answer is not kept. */
    private static final int MOST_UNWRITTEN = 200;
    private static final Duration PATIENCE = Duration.ofMillis(250);
    private static final int THREADS = 4;

    private final Store store;
    private final AtomicInteger unwritten = new AtomicInteger();
    private final ExecutorService afterCommit = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "after-commit of rejected events");
        thread.setDaemon(true);
        return thread;
    });

    public RejectedEvents(Store store) {
        this.store = store;
    }

    /** When no exchange is under way any more. */
    public void endThreads() {
        afterCommit.shutdown();
    }

    /** Keeps an event that its sender is told to keep, where an operator may want to take it after all. */
    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Received received = Received.of(exchange);
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        Refusal refusal = failure instanceof Refused refused ? refused.refusal() : Refusal.SCHEMA_VIOLATION;
        String text = received == null ? null : text(received);
        if (text == null || received.id() == null || !KEPT.contains(refusal)) {
            callback.done(true);
            return true;
        }
        Rejected rejected = new Rejected(0, received.id(), text.getBytes(StandardCharsets.UTF_8),
                StoredText.of(refusal.code() + ": " + detail(failure)), received.receivedAt().toEpochMilli(),
                System.currentTimeMillis());
        CompletableFuture<?> end = keep(rejected).handle((nothing, lost) -> {
            if (lost != null) {
                LOG.debug("A rejected event is not kept for the operators eventId={} reason={}", rejected.eventId(),
                        lost.getMessage());
            }
            return null;
        });
        return Continuation.after(end, exchange, callback, afterCommit);
    }

    private CompletableFuture<Object> keep(Rejected rejected) {
        if (unwritten.incrementAndGet() > MOST_UNWRITTEN) {
            unwritten.decrementAndGet();
            return CompletableFuture.failedFuture(new StoreUnavailable("More are on their way than the disk takes"));
        }
        Write<Object> write = store.write(session -> {
            RejectedTable.insert(session, new Rejected(session.nextSeq(), rejected.eventId(), rejected.text(),
                    rejected.reason(), rejected.receivedWall(), rejected.atWall()));
            boolean isLess = true;
            while (isLess && isTooMuch(session)) {
                isLess = RejectedTable.removeOldest(session);
            }
            return null;
        }, System.nanoTime() + PATIENCE.toNanos());
        write.settlement().whenComplete((nothing, lost) -> unwritten.decrementAndGet());
        return write.answer();
    }

    private boolean isTooMuch(Session session) {
        return store.books().of(Entry.REJECTED_ROWS) + session.books().of(Entry.REJECTED_ROWS) > MOST
                || store.books().of(Entry.REJECTED_BYTES) + session.books().of(Entry.REJECTED_BYTES) > MOST_BYTES;
    }

    private static String detail(Exception failure) {
        return failure instanceof JsonValidationException invalid
                ? Violation.of(invalid).stream().map(violation -> violation.path() + " " + violation.message())
                        .collect(Collectors.joining("; "))
                : failure.getMessage();
    }

    private static String text(Received received) {
        return received instanceof RoutingEvent event ? event.text()
                : received instanceof UnvalidatedEvent event ? event.text() : null;
    }

    /** A page of them as JSON, newest first. */
    public InputStream list(Exchange exchange) {
        ListQuery query = ListQuery.of(exchange);
        List<Long> places = store.read(session ->
                RejectedTable.page(session, query.selection(), query.limit(), query.offset()));
        return JsonListStream.of(places, seq -> {
            Rejected rejected = store.read(session -> RejectedTable.at(session, seq));
            return rejected == null ? null : ListedEvent.of(rejected.eventId(), rejected.eventId(), rejected.reason(),
                    0, rejected.atWall(), rejected.text(), rejected.isIntact());
        });
    }

    /**
     * The newest of this id, as if it were delivered now.
     *
     * @throws Refused {@code not_found} where there is none
     */
    public Delivery find(@Header("id") String id) {
        Rejected rejected = store.read(session -> RejectedTable.find(session, id));
        if (rejected == null) {
            throw new Refused(Refusal.NOT_FOUND, "There is no rejected event of this id");
        }
        if (!rejected.isIntact()) {
            throw new Refused(Refusal.MALFORMED_REQUEST,
                    "The rejected event is damaged; mend it by hand and send it to the webhook");
        }
        return new Delivery(name -> null, rejected.text(), Instant.now());
    }

    /** The event with the mark of what it was refused for, where that was its time. */
    public RoutingEvent mark(RoutingEvent event) {
        Rejected rejected = store.read(session -> RejectedTable.find(session, event.id()));
        return rejected == null || !rejected.reason().startsWith(Refusal.ORDERING_VIOLATION.code()) ? event
                : Watermarks.markedByRefusal(event, rejected.reason());
    }

    /**
     * An event that was rejected is accepted after all, or was before: it is gone from the list.
     *
     * @throws Refused {@code overloaded} where it is neither, so that it stays there
     */
    public Replayed replayed(Exchange exchange) {
        boolean accepted = Outcome.of(exchange) != null;
        if (!accepted && !SeenEvents.isSafeDuplicate(exchange)) {
            throw new Refused(Refusal.OVERLOADED,
                    "The event is not safe yet, or the route did not make it so; it stays among the rejected");
        }
        String id = exchange.getMessage().getBody(RoutingEvent.class).id();
        store.write(session -> {
            RejectedTable.removeAll(session, id);
            return null;
        }).await();
        return new Replayed(accepted ? 1 : 0);
    }
}
