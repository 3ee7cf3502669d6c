package org.routingbridge.datalake;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The threads that call the data lake, beside the webhook's. As many are at work as its answers need: whoever has ended
 * a call makes the next one, and the others sleep, where a plain pool wakes the one that has slept longest for each.
 * More calls than may wait are rejected, for the caller to keep what they tell.
 */
public final class DataLakeThreads extends AbstractExecutorService {

    private static final int MOST_CALLS = 32;
    private static final int MOST_WAITING = 1000;

    private final ForkJoinPool pool = new ForkJoinPool(MOST_CALLS, DataLakeThreads::thread, null, true);
    private final Semaphore room = new Semaphore(MOST_CALLS + MOST_WAITING);

    private static ForkJoinWorkerThread thread(ForkJoinPool pool) {
        ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
        thread.setName("data-lake-" + thread.getPoolIndex());
        thread.setContextClassLoader(DataLakeThreads.class.getClassLoader());
        return thread;
    }

    /** @throws RejectedExecutionException where too many wait */
    @Override
    public void execute(Runnable call) {
        if (!room.tryAcquire()) {
            throw new RejectedExecutionException("Too many notifications wait for the data lake");
        }
        try {
            pool.execute(() -> {
                try {
                    call.run();
                } finally {
                    room.release();
                }
            });
        } catch (RejectedExecutionException e) {
            room.release();
            throw e;
        }
    }

    @Override
    public void shutdown() {
        pool.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return pool.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return pool.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return pool.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return pool.awaitTermination(timeout, unit);
    }
}
