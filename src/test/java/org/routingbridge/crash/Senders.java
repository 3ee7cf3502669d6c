package org.routingbridge.crash;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;

/**
 * Sends events at a rate of its own, whether or not the bridge is there, and each again that was not answered 2xx: five
 * times, a second apart, and then never, as CXone is told to by the webhook's registration. What is more than their
 * connections can carry waits.
 */
final class Senders implements AutoCloseable {

    private static final int RESENDS = 5;
    private static final Duration RESEND_PAUSE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int QUEUES = 40;
    private static final int MOST_OPEN_REQUESTS = 128;

    private final URI webhook;
    private final EventFactory events;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE).build();
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
    private final ExecutorService connections = Executors.newFixedThreadPool(MOST_OPEN_REQUESTS);
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger offered = new AtomicInteger();
    private final Map<Integer, Integer> replies = new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger givenUp = new AtomicInteger();
    private ScheduledFuture<?> offering;

    Senders(BridgeSite site, long seed) {
        webhook = URI.create("http://127.0.0.1:" + site.port() + BridgeSite.PATH);
        events = new EventFactory(seed);
    }

    /** Offers so many new events a second from now on; what is sent again comes on top. */
    void start(int perSecond) {
        offering = clock.scheduleAtFixedRate(this::offer, 0, TimeUnit.SECONDS.toNanos(1) / perSecond,
                TimeUnit.NANOSECONDS);
    }

    private void offer() {
        int number = offered.getAndIncrement();
        SampleEvent event = events.validEvent(events.newId(), "queue-" + number % QUEUES, Instant.now());
        open.incrementAndGet();
        String body = event.json();
        connections.execute(() -> send(event.id(), body, RESENDS));
    }

    private void send(String id, String body, int resendsLeft) {
        int status = post(body);
        replies.merge(status, 1, Integer::sum);
        if (status / 100 == 2) {
            accepted.add(id);
            open.decrementAndGet();
        } else if (resendsLeft > 0) {
            clock.schedule(() -> connections.execute(() -> send(id, body, resendsLeft - 1)), RESEND_PAUSE.toMillis(),
                    TimeUnit.MILLISECONDS);
        } else {
            givenUp.incrementAndGet();
            open.decrementAndGet();
        }
    }

    /** The status of the reply, 0 where there was none. */
    private int post(String body) {
        HttpRequest request = HttpRequest.newBuilder(webhook).timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("X-Webhook-Secret", BridgeSite.WEBHOOK_SECRET)
                .POST(BodyPublishers.ofString(body)).build();
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /** No new events; those that are under way are sent to their end. */
    void stopOffering() {
        offering.cancel(false);
    }

    /** How many events have neither got their 2xx nor been given up. */
    int open() {
        return open.get();
    }

    /** How many events were made. */
    int offered() {
        return offered.get();
    }

    /** How many requests they took, by the status of the reply; 0 where there was none. */
    Map<Integer, Integer> replies() {
        return new TreeMap<>(replies);
    }

    /** How many were sent six times in vain. */
    int givenUp() {
        return givenUp.get();
    }

    /** The ids of those that got a 2xx. */
    Set<String> accepted() {
        return Set.copyOf(accepted);
    }

    @Override
    public void close() {
        clock.shutdownNow();
        connections.shutdownNow();
    }
}
