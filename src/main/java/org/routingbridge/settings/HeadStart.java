package org.routingbridge.settings;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Something slow that is begun in a thread of its own while Camel still reads the routes, and waited for by the bean
 * that needs it.
 *
 * @param <T> what comes of it
 */
public final class HeadStart<T> {

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
     * @throws Exception what the work threw
     */
    public T result() throws Exception {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception failure) {
                throw failure;
            }
            throw e;
        }
    }
}
