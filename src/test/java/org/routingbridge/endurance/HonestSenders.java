package org.routingbridge.endurance;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.EventFactory;

/**
 * Senders whose events are due at a fixed rate, whether or not the bridge keeps up. An event's latency counts from the
 * instant that it was due, so that a stall is charged to all that it delays. What is more than their connections can
 * carry waits; nothing is sent again.
 */
final class HonestSenders implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int MOST_OPEN = 256;
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(5);

    private final URI webhook;
    private final int perSecond;
    private final int queues;
    private final EventFactory events = new EventFactory();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Recorder latencies = new Recorder(LONGEST_MICROS, 3);
    private final Map<String, Integer> replies = new ConcurrentHashMap<>();
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger open = new AtomicInteger();
    private long began;
    private long sent;

    /**
     * @param queues ordering keys, which take turns; many where an event may be delayed for long, since the next of its
     *               key would otherwise overtake it
     */
    HonestSenders(BridgeSite site, int perSecond, int queues) {
        webhook = URI.create("http://127.0.0.1:" + site.port() + BridgeSite.PATH);
        this.perSecond = perSecond;
        this.queues = queues;
    }

    HonestSenders start() {
        began = System.nanoTime();
        clock.scheduleAtFixedRate(this::sendDue, 0, 1, TimeUnit.MILLISECONDS);
        return this;
    }

    private void sendDue() {
        for (long due = dueAt(sent); due <= System.nanoTime() && open.get() < MOST_OPEN; due = dueAt(sent)) {
            send(due, "queue-" + sent++ % queues);
        }
    }

    private long dueAt(long number) {
        return began + TimeUnit.SECONDS.toNanos(number) / perSecond;
    }

    private void send(long due, String queue) {
        String id = events.newId();
        HttpRequest request = HttpRequest.newBuilder(webhook).timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("X-Webhook-Secret", BridgeSite.WEBHOOK_SECRET)
                .POST(BodyPublishers.ofString(events.validEvent(id, queue, Instant.now()).json())).build();
        open.incrementAndGet();
        client.sendAsync(request, BodyHandlers.ofString()).whenComplete((reply, failure) -> {
            latencies.recordValue(Math.min(LONGEST_MICROS, (System.nanoTime() - due) / 1000));
            replies.merge(failure == null ? outcome(reply) : "no reply: " + failure.getMessage(), 1, Integer::sum);
            if (failure == null && reply.statusCode() / 100 == 2) {
                accepted.add(id);
            }
            open.decrementAndGet();
        });
    }

    private static String outcome(HttpResponse<String> reply) {
        String word = reply.body().replaceAll("(?s).*\"(?:status|error)\"\\s*:\\s*\"(\\w+)\".*", "$1");
        return reply.statusCode() + " " + (word.length() < 40 ? word : "");
    }

    /** Latencies in microseconds since the last time that they were asked for. */
    Histogram latencies() {
        return latencies.getIntervalHistogram();
    }

    /** All replies so far by status and word. */
    Map<String, Integer> replies() {
        return new TreeMap<>(replies);
    }

    /** The ids that were answered 2xx. */
    Set<String> accepted() {
        return accepted;
    }

    /** How many wait for their reply. */
    int open() {
        return open.get();
    }

    /** No more events; those under way get their reply. */
    @Override
    public void close() {
        clock.shutdown();
    }
}
