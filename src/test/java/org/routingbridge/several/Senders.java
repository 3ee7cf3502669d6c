package org.routingbridge.several;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;

/**
 * Sends events at a rate of its own, as the simplest load balancer would lead them: each request to the next bridge,
 * and to the one after that where nobody listens. A request that was not answered 2xx is sent again, five times, a
 * second apart, and then never, as CXone is told to by the webhook's registration. Some events are sent twice, to two
 * bridges at once. Where a thousand have no answer yet, which takes a machine that has no time for them, no new ones
 * are made.
 */
final class Senders implements AutoCloseable {

    private static final int RESENDS = 5;
    private static final Duration RESEND_PAUSE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int QUEUES = 40;
    private static final int HUNDRED = 100;
    private static final int MOST_OPEN = 1000;

    private final List<URI> webhooks;
    private final EventFactory events;
    private final int twiceInHundred;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE).build();
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
    private final Queue<SentEvent> sent = new ConcurrentLinkedQueue<>();
    private final AtomicInteger offered = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private ScheduledFuture<?> offering;

    /**
     * For the bridges, or for what stands before them.
     *
     * @param twiceInHundred how many of a hundred events are sent to two bridges at once
     */
    Senders(List<URI> webhooks, int twiceInHundred) {
        this.webhooks = webhooks;
        this.twiceInHundred = twiceInHundred;
        events = new EventFactory();
    }

    /** Offers so many new events a second from now on; what is sent again comes on top. */
    Senders start(int perSecond) {
        offering = clock.scheduleAtFixedRate(this::offer, 0, TimeUnit.SECONDS.toNanos(1) / perSecond,
                TimeUnit.NANOSECONDS);
        return this;
    }

    private void offer() {
        if (open.get() >= MOST_OPEN) {
            return;
        }
        int number = offered.getAndIncrement();
        String queue = "queue-" + number % QUEUES;
        SampleEvent sample = events.validEvent(events.newId(), queue, Instant.now());
        SentEvent event = new SentEvent(sample.id(), queue, sample.json());
        sent.add(event);
        event.begin(System.nanoTime());
        int copies = number % HUNDRED < twiceInHundred ? 2 : 1;
        open.addAndGet(copies);
        for (int copy = 0; copy < copies; copy++) {
            send(event, RESENDS);
        }
    }

    private void send(SentEvent event, int resendsLeft) {
        send(event, resendsLeft, requests.getAndIncrement() % webhooks.size(), webhooks.size() - 1);
    }

    private void send(SentEvent event, int resendsLeft, int bridge, int othersLeft) {
        HttpRequest request = HttpRequest.newBuilder(webhooks.get(bridge)).timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("X-Webhook-Secret", BridgeSite.WEBHOOK_SECRET)
                .POST(BodyPublishers.ofString(event.body())).build();
        long now = System.nanoTime();
        client.sendAsync(request, BodyHandlers.discarding()).whenComplete((answer, failure) -> {
            if (othersLeft > 0 && failure != null && nobodyListens(failure)) {
                send(event, resendsLeft, (bridge + 1) % webhooks.size(), othersLeft - 1);
                return;
            }
            SentEvent.Reply reply = new SentEvent.Reply(bridge, now, System.nanoTime(),
                    failure == null ? answer.statusCode() : 0);
            event.answered(reply);
            goOn(event, reply, resendsLeft);
        });
    }

    private static boolean nobodyListens(Throwable failure) {
        return failure instanceof ConnectException || failure.getCause() instanceof ConnectException;
    }

    private void goOn(SentEvent event, SentEvent.Reply reply, int resendsLeft) {
        if (reply.isSuccess()) {
            open.decrementAndGet();
        } else if (resendsLeft > 0) {
            clock.schedule(() -> send(event, resendsLeft - 1), RESEND_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        } else {
            event.giveUp();
            open.decrementAndGet();
        }
    }

    /** No new events; those that are under way are sent to their end. */
    void stopOffering() {
        offering.cancel(false);
    }

    /** How many copies of events have neither got their 2xx nor been given up. */
    int open() {
        return open.get();
    }

    /** All events so far, as they were offered. */
    List<SentEvent> sent() {
        return List.copyOf(sent);
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
