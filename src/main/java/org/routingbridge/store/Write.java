package org.routingbridge.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Work on its way to the disk. What is hung on the settlement or the answer runs on the store's writing thread, which
 * has no time for more than to count and to hand on.
 *
 * @param <T> what comes of it
 */
public final class Write<T> {

    private enum State { WAITING, BEGUN, OVER }

    private final Work<T> work;
    private final Long deadline;
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private final CompletableFuture<T> settlement = new CompletableFuture<>();
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private T result;

    /** @param deadline by {@link System#nanoTime()}, when nobody waits for the answer any more; null for never */
    Write(Work<T> work, Long deadline) {
        this.work = work;
        this.deadline = deadline;
    }

    /** Whether it is to be done: nobody has given up on it. */
    boolean begin() {
        return state.compareAndSet(State.WAITING, State.BEGUN);
    }

    void run(Session session) throws java.sql.SQLException {
        result = work.in(session);
    }

    void committed() {
        state.set(State.OVER);
        settlement.complete(result);
        answer.complete(result);
    }

    void failed(Throwable reason) {
        state.set(State.OVER);
        settlement.completeExceptionally(reason);
        answer.completeExceptionally(reason);
    }

    /**
     * Ends the waiting where its time is over. What has not begun will not; what has is settled in its own time.
     *
     * @return whether it will never begin
     */
    boolean endIfOverdue(long nanoTime) {
        if (deadline == null || nanoTime - deadline < 0 || answer.isDone()) {
            return false;
        }
        if (giveUp(new StoreUnavailable("The store has not answered in time"))) {
            return true;
        }
        answer.completeExceptionally(new WriteUnsettled(settlement));
        return false;
    }

    /** Whether it had not begun, and will not. */
    boolean giveUp(StoreUnavailable reason) {
        if (!state.compareAndSet(State.WAITING, State.OVER)) {
            return false;
        }
        failed(reason);
        return true;
    }

    /** What became of it, however long that takes. */
    public CompletableFuture<T> settlement() {
        return settlement;
    }

    /**
     * Waits for what became of it, on a thread that has time.
     *
     * @throws StoreUnavailable where nothing was changed
     */
    public T await() {
        try {
            return settlement.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : e;
        }
    }

    /**
     * What became of it, by the deadline: fails with {@link StoreUnavailable} where nothing was changed, and with its
     * {@link WriteUnsettled} where that is not known yet.
     */
    public CompletableFuture<T> answer() {
        return answer;
    }
}
