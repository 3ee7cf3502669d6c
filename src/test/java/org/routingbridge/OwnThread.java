package org.routingbridge;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What goes on beside a test, each in a thread of its own. The pool that a {@link CompletableFuture} takes where it is
 * given none has one thread on two processors (from Java 25 on; Java before made one for each task there), in which
 * tasks that wait for one another never end.
 */
public final class OwnThread {

    private static final Executor EACH = task -> {
        Thread thread = new Thread(task, "beside-the-test");
        thread.setDaemon(true);
        thread.start();
    };

    private OwnThread() {
    }

    /** Begins what has a result. */
    public static <T> CompletableFuture<T> supply(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, EACH);
    }

    /** Begins what has none. */
    public static CompletableFuture<Void> run(Runnable task) {
        return CompletableFuture.runAsync(task, EACH);
    }
}
