package org.routingbridge.settings;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Something slow that is begun in a thread of its own while Camel still reads the routes, and waited for by the bean
 * that needs it.
 *
 * @param <T> what comes of it
 */
public final class HeadStart<T> implements Supplier<T> {

    private final FutureTask<T> task;

    private HeadStart(Callable<T> work) {
        task = new FutureTask<>(work);
    }

    /** Begins the work. */
    public static <T> HeadStart<T> on(String name, Callable<T> work) {
        HeadStart<T> begun = new HeadStart<>(work);
        Thread thread = new Thread(begun.task, name);
        thread.setDaemon(true);
        thread.start();
        return begun;
    }

    /**
     * Waits for the work's end.
     *
     * @throws IllegalStateException where it failed, if not with another unchecked exception, or nobody waits any more
     */
    @Override
    public T get() {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure
                    : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The wait for what was begun ahead was ended", e);
        }
    }
}
