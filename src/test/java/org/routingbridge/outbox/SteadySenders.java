package org.routingbridge.outbox;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;

/**
 * As many senders as events a second are wanted, each with an ordering key of its own and one event a second, whose
 * next event never goes out before the last was answered, so that the order within a key is the one of their numbers.
 */
public final class SteadySenders implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final URI webhook;
    private final int senders;
    private final EventFactory events = new EventFactory();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ScheduledExecutorService threads;
    private final List<Reply> replies = Collections.synchronizedList(new ArrayList<>());

    public SteadySenders(BridgeSite site, int perSecond) {
        webhook = URI.create("http://127.0.0.1:" + site.port() + BridgeSite.PATH);
        senders = perSecond;
        threads = Executors.newScheduledThreadPool(senders);
    }

    /** One reply; status 0 where there was none. */
    public record Reply(String eventId, int status, Instant sent, Duration took) {

        public Instant at() {
            return sent.plus(took);
        }
    }

    public void start() {
        long second = TimeUnit.SECONDS.toNanos(1);
        for (int i = 0; i < senders; i++) {
            threads.scheduleAtFixedRate(new Sender("queue-" + i), second * i / senders, second, TimeUnit.NANOSECONDS);
        }
    }

    private final class Sender implements Runnable {

        private final String key;
        private int number;

        Sender(String key) {
            this.key = key;
        }

        @Override
        public void run() {
            Instant now = Instant.now();
            SampleEvent event = events.validEvent(events.newId(), key, now).with("/routingContext/number", number++);
            HttpRequest request = HttpRequest.newBuilder(webhook).timeout(PATIENCE)
                    .header("Content-Type", "application/json")
                    .header("X-Webhook-Secret", BridgeSite.WEBHOOK_SECRET)
                    .POST(BodyPublishers.ofString(event.json())).build();
            long began = System.nanoTime();
            int status;
            try {
                status = client.send(request, BodyHandlers.discarding()).statusCode();
            } catch (IOException e) {
                status = 0;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                status = 0;
            }
            replies.add(new Reply(event.id(), status, now, Duration.ofNanos(System.nanoTime() - began)));
        }
    }

    /** What was answered so far. */
    public List<Reply> replies() {
        synchronized (replies) {
            return List.copyOf(replies);
        }
    }

    /** No more events; returns once the last was answered. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
