package org.routingbridge.cluster;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

import org.routingbridge.failure.FailureText;
import org.routingbridge.failure.LastingFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread with a connection of its own that does what waits in one statement for all of it: a round trip is shared by
 * as many as came while the last one was under way. While the store is away it tries twice a second to find it again.
 *
 * @param <W> what waits
 */
abstract class StatementThread<W> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StatementThread.class);
    /** In one statement at most. */
    private static final int MOST_TOGETHER = 1000;
    /**
     * Between two statements at least: under load a statement is for some, and costs both sides little more than for
     * one.
     */
    private static final Duration PACE = Duration.ofMillis(2);
    private static final Duration TRY_AGAIN = Duration.ofMillis(500);
    private static final Duration CLOSING = Duration.ofSeconds(2);
    private static final int MOST_RETRIES = 5;
    /** Two were in each other's way; the same succeeds at once. */
    private static final Set<String> OF_THE_MOMENT = Set.of("40001", "40P01");

    final Link link;
    private final Queue<W> waiting = new ConcurrentLinkedQueue<>();
    private final LastingFault fault = new LastingFault();
    private final Thread thread;
    private volatile String failure;
    private volatile boolean closing;
    private volatile boolean parked;
    private long began = System.nanoTime() - PACE.toNanos();
    private long nextTry;

    StatementThread(String name, Link link) {
        this.link = link;
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void add(W work) {
        waiting.add(work);
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /** Why the store cannot be asked just now, in a sentence, or null. */
    String failure() {
        return failure;
    }

    /** It has not answered in time, and may do so yet. */
    void suspect(String reason) {
        if (failure == null) {
            failure = reason;
            // where it has answered meanwhile nothing else would find that out for a while
            LockSupport.unpark(thread);
        }
    }

    boolean isClosing() {
        return closing;
    }

    /** Does what waits, with {@link #link}. */
    abstract void execute(List<W> some) throws SQLException;

    /** It could not be done, and was not, or not certainly. */
    abstract void failed(List<W> some);

    /** Does what is to be done while nothing new waits; on the thread. */
    abstract void idle() throws SQLException;

    /** How long nothing may happen while nothing waits. */
    abstract Duration idleTime();

    private void run() {
        while (!closing || !waiting.isEmpty() && failure == null) {
            if (failure != null && System.nanoTime() - nextTry < 0) {
                failed(take());
                LockSupport.parkNanos(this, nextTry - System.nanoTime());
                continue;
            }
            awaitWork();
            letOthersCome();
            round(take());
        }
        failed(take());
        link.close();
    }

    private void awaitWork() {
        parked = true;
        if (waiting.isEmpty() && failure == null && !closing) {
            LockSupport.parkNanos(this, idleTime().toNanos());
        }
        parked = false;
    }

    private void letOthersCome() {
        long left = began + PACE.toNanos() - System.nanoTime();
        while (left > 0 && !closing) {
            LockSupport.parkNanos(this, left);
            left = began + PACE.toNanos() - System.nanoTime();
        }
        began = System.nanoTime();
    }

    private void round(List<W> some) {
        try {
            if (failure != null) {
                ask();
            }
            if (!some.isEmpty()) {
                executeAndRetry(some);
            }
            if (!closing) {
                idle();
            }
            isWell();
        } catch (SQLException e) {
            isAway(FailureText.fit(e.getMessage()));
            failed(some);
        } catch (RuntimeException e) {
            LOG.error("A fault of the bridge, at the store that it shares", e);
            isAway("a fault of the bridge");
            failed(some);
        }
    }

    private List<W> take() {
        List<W> taken = new ArrayList<>();
        for (W next = waiting.poll(); next != null; next = taken.size() < MOST_TOGETHER ? waiting.poll() : null) {
            taken.add(next);
        }
        return taken;
    }

    private void ask() throws SQLException {
        link.prepared("select 1").execute();
    }

    private void executeAndRetry(List<W> some) throws SQLException {
        for (int tries = 1; ; tries++) {
            try {
                execute(some);
                return;
            } catch (SQLException e) {
                if (tries > MOST_RETRIES || !OF_THE_MOMENT.contains(e.getSQLState())) {
                    throw e;
                }
            }
        }
    }

    private void isWell() {
        if (failure != null) {
            failure = null;
            if (fault.isEndToBeTold()) {
                LOG.info("The shared store answers again thread={}", thread.getName());
            }
        }
    }

    private void isAway(String reason) {
        link.drop();
        nextTry = System.nanoTime() + TRY_AGAIN.toNanos();
        failure = reason;
        if (fault.isToBeTold()) {
            LOG.warn("The shared store does not answer thread={} reason={}", thread.getName(), reason);
        }
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
