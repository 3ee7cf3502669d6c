package org.routingbridge.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.routingbridge.store.Membership;
import org.routingbridge.store.PostgresAddress;

/**
 * Claims in the store that bridges share. One thread asks for ids, in one statement for all that wait; another writes
 * down what became of them, and keeps that while the store is away. Neither an id nor a reply waits longer for the
 * store than {@link #LONGEST_CLAIM} and {@link #LONGEST_CONFIRMATION}, nor longer than its sender waits.
 */
public final class SharedClaims implements Claims, AutoCloseable {

    /** A machine that is busy holds up a thread for this long. Who decides by memory alone may publish twice. */
    static final Duration LONGEST_CLAIM = Duration.ofSeconds(1);
    /** The event is on the bus, and comes on top of what its sender has waited. */
    static final Duration LONGEST_CONFIRMATION = Duration.ofMillis(500);
    static final String NO_ANSWER = "it has not answered in time";
    private static final Duration WATCH = Duration.ofMillis(50);
    private static final int THREADS = 4;

    private final Membership membership;
    /** The claims that are begun here, each with the number by which the table knows it. */
    private final Map<UUID, Long> begun = new ConcurrentHashMap<>();
    private final AtomicLong turns = new AtomicLong();
    private final Queue<AskedClaim> unanswered = new ConcurrentLinkedQueue<>();
    private final ClaimThread claiming;
    private final EndingThread ending;
    private final ScheduledExecutorService watching = Executors.newSingleThreadScheduledExecutor(task ->
            daemon(task, "claims-watch"));
    private final ExecutorService afterwards = Executors.newFixedThreadPool(THREADS, task ->
            daemon(task, "after-claim"));

    /**
     * @param membership  of this bridge: while the others hold it for dead, its claims are worth nothing
     * @param ttl         how long ids count as accepted
     * @param mostEntries ids that are kept at most while the store is away
     */
    public SharedClaims(PostgresAddress address, Membership membership, Duration ttl, long mostEntries) {
        this.membership = membership;
        UUID instance = membership.instance();
        ending = new EndingThread(new Link(address, "confirmations", ClaimStatements.PREPARE_ENDINGS), instance,
                mostEntries);
        claiming = new ClaimThread(new Link(address, "claims", ClaimStatements.PREPARE_CLAIMS), instance, ttl,
                begun, ending);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Begins to look for the store. */
    public void start() {
        claiming.start();
        ending.start();
        watching.scheduleWithFixedDelay(this::watch, WATCH.toMillis(), WATCH.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean areShared() {
        return true;
    }

    /** Why claims cannot be asked for or ended just now, in a sentence, or null. */
    public String failure() {
        return claiming.failure() != null ? claiming.failure() : ending.failure();
    }

    @Override
    public Executor afterwards() {
        return afterwards;
    }

    @Override
    public CompletableFuture<Answer> claim(UUID id, String orderingKey, long deadline) {
        if (ending.isUnwritten(id)) {
            return CompletableFuture.completedFuture(Answer.ACCEPTED);
        }
        AskedClaim asked = new AskedClaim(id, turns.incrementAndGet(), orderingKey, deadline);
        begun.put(id, asked.turn());
        if (!membership.isIn() || claiming.failure() != null || claiming.isClosing()) {
            return CompletableFuture.completedFuture(Answer.UNKNOWN);
        }
        unanswered.add(asked);
        claiming.add(asked);
        return asked.answer();
    }

    @Override
    public CompletableFuture<Void> accept(UUID id, String orderingKey, Long newestMillis) {
        CompletableFuture<Void> written = ending.accept(id, orderingKey, newestMillis);
        begun.remove(id);
        return written;
    }

    @Override
    public CompletableFuture<Void> kept(UUID id, String orderingKey, Long newestMillis) {
        begun.remove(id);
        return newestMillis == null ? CompletableFuture.completedFuture(null)
                : ending.advance(id, orderingKey, newestMillis);
    }

    @Override
    public boolean isBegun(UUID id) {
        return begun.containsKey(id);
    }

    @Override
    public void release(UUID id, boolean passed) {
        Long turn = begun.remove(id);
        if (turn != null) {
            ending.release(id, turn, passed);
        }
    }

    @Override
    public void forget(UUID id) {
        begun.remove(id);
        ending.forget(id);
    }

    /** Nobody waits for a store that does not answer. */
    private void watch() {
        long now = System.nanoTime();
        unanswered.removeIf(asked -> {
            if (asked.answer().isDone()) {
                return true;
            }
            if (asked.isElsewhere()) {
                return now - asked.deadline() > 0 && giveUp(asked);
            }
            if (now - asked.askedAt() > LONGEST_CLAIM.toNanos() || now - asked.deadline() > 0) {
                claiming.suspect(NO_ANSWER);
                return asked.settle(Answer.UNKNOWN);
            }
            return false;
        });
        ending.endWaiting(now);
    }

    /** Nobody here is to end it. */
    private boolean giveUp(AskedClaim asked) {
        boolean isFirst = asked.settle(Answer.IN_FLIGHT);
        if (isFirst) {
            begun.remove(asked.id(), asked.turn());
        }
        return isFirst;
    }

    /** What is accepted and not yet written down is, where the store is there. */
    @Override
    public void close() {
        watching.shutdownNow();
        claiming.close();
        ending.close();
        unanswered.forEach(asked -> asked.settle(Answer.UNKNOWN));
        afterwards.shutdown();
    }
}
