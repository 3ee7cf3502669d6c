package org.routingbridge.endurance;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

import org.routingbridge.it.BridgeSite;

/** Holders of the secret, each of whom posts the next body as soon as the one before is answered. */
final class EagerSenders {

    private final BridgeSite site;
    private final IntFunction<String> bodies;
    private final Map<String, Integer> replies = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();

    /** @param bodies the body of each number, from 0 */
    EagerSenders(BridgeSite site, IntFunction<String> bodies) {
        this.site = site;
        this.bodies = bodies;
    }

    /** How many bodies were taken so far, those that came too late to be sent included. */
    int sent() {
        return next.get();
    }

    /**
     * Goes on for so long, or until so many bodies were sent.
     *
     * @return what they were told, by status
     */
    Map<String, Integer> run(int senders, int most, Duration duration) throws InterruptedException {
        long end = System.nanoTime() + duration.toNanos();
        ExecutorService threads = Executors.newFixedThreadPool(senders);
        for (int i = 0; i < senders; i++) {
            threads.execute(() -> send(most, end));
        }
        threads.shutdown();
        if (!threads.awaitTermination(duration.plusMinutes(1).toMillis(), TimeUnit.MILLISECONDS)) {
            threads.shutdownNow();
        }
        return new TreeMap<>(replies);
    }

    private void send(int most, long end) {
        for (int number = next.getAndIncrement(); number < most && System.nanoTime() < end;
                number = next.getAndIncrement()) {
            try {
                replies.merge(Integer.toString(site.post(BridgeSite.PATH, bodies.apply(number)).statusCode()), 1,
                        Integer::sum);
            } catch (IOException e) {
                replies.merge("no reply", 1, Integer::sum);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
