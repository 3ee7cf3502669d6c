package org.routingbridge.simulator;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * CXone's sending side: posts a lively stream of events to the webhook that is registered, and tries again as the
 * registered retry policy has it: on no answer, 429 and 5xx, at most {@code maxRetries} times,
 * {@code retryIntervalMs} apart. A 2xx and any other 4xx end an event's journey.
 *
 * <p>Most events are valid; in every forty of them a few are duplicates, late, invalid, too large or from the future.
 */
public final class EventStream implements AutoCloseable {

    private static final Set<String> SET_BY_CLIENT = Set.of("host", "content-length", "connection");
    private static final Duration LOOK_FOR_WEBHOOK = Duration.ofMillis(50);
    private static final int REMEMBERED = 200;

    private final CxoneSimulator cxone;
    private final Options options;
    private final Consumer<EventFate> listener;
    private final EventFactory events;
    private final Random dice;
    private final Deque<EventKind> deck = new ArrayDeque<>();
    private final Semaphore slots;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2)).build();
    private final Deque<SampleEvent> taken = new ArrayDeque<>();
    private final Set<Journey> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong sent = new AtomicLong();
    private final CountDownLatch emitted = new CountDownLatch(1);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread sender = new Thread(this::emit, "cxone-stream");

    /**
     * @param rate        events a second
     * @param events      how many, 0 for no end
     * @param seed        the same seed makes the same events in the same order, but for what hangs on the answers
     * @param concurrency how many may be on their way at one time
     * @param timeout     how long a try waits for its answer
     */
    public record Options(double rate, long events, long seed, int concurrency, Duration timeout) {

        /** With 64 on their way at most, and 10 s of patience. */
        public Options(double rate, long events, long seed) {
            this(rate, events, seed, 64, Duration.ofSeconds(10));
        }
    }

    /**
     * @param cxone    whose registered webhook is posted to
     * @param listener told each event's fate once, by any thread
     */
    public EventStream(CxoneSimulator cxone, Options options, Consumer<EventFate> listener) {
        this.cxone = cxone;
        this.options = options;
        this.listener = listener;
        this.events = new EventFactory(options.seed());
        this.dice = new Random(options.seed());
        this.slots = new Semaphore(options.concurrency());
        this.sender.setDaemon(true);
    }

    /** Begins to send, as soon as a webhook is registered. */
    public void start() {
        sender.start();
    }

    /** How many events were sent, tries not counted. */
    public long sent() {
        return sent.get();
    }

    /** Waits until all events were sent and their fates are known. */
    public boolean awaitEnd(Duration howLong) throws InterruptedException {
        long deadline = System.nanoTime() + howLong.toNanos();
        return emitted.await(howLong.toNanos(), TimeUnit.NANOSECONDS) && awaitNoneOpen(deadline);
    }

    /**
     * Sends no new events and waits for those on their way; what has no final answer by then is given up as
     * unanswered.
     */
    public void stop(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        stopping.countDown();
        emitted.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        awaitNoneOpen(deadline);
        open.forEach(journey -> journey.end(0, "gave up", "no final answer when the stream was stopped"));
    }

    /** Sends no new events, and waits for nothing. */
    @Override
    public void close() {
        stopping.countDown();
        sender.interrupt();
    }

    private boolean awaitNoneOpen(long deadline) throws InterruptedException {
        boolean none = slots.tryAcquire(options.concurrency(), Math.max(0, deadline - System.nanoTime()),
                TimeUnit.NANOSECONDS);
        if (none) {
            slots.release(options.concurrency());
        }
        return none;
    }

    private void emit() {
        try {
            Target target = awaitTarget();
            long start = System.nanoTime();
            for (long i = 0; target != null && (options.events() == 0 || i < options.events()); i++) {
                long due = start + (long) (i * 1e9 / options.rate());
                if (stopping.await(due - System.nanoTime(), TimeUnit.NANOSECONDS) || !awaitSlot()) {
                    return;
                }
                Journey journey = next(currentTarget().orElse(target));
                sent.incrementAndGet();
                open.add(journey);
                journey.send();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            emitted.countDown();
        }
    }

    private boolean awaitSlot() throws InterruptedException {
        while (!slots.tryAcquire(LOOK_FOR_WEBHOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            if (stopping.getCount() == 0) {
                return false;
            }
        }
        return true;
    }

    /** The webhook to post to; null when told to stop before there was one. */
    private Target awaitTarget() throws InterruptedException {
        Optional<Target> target = currentTarget();
        while (target.isEmpty()) {
            if (stopping.await(LOOK_FOR_WEBHOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                return null;
            }
            target = currentTarget();
        }
        return target.get();
    }

    private Optional<Target> currentTarget() {
        return cxone.webhooks().values().stream().findFirst().map(Target::new);
    }

    private Journey next(Target target) {
        EventKind kind = draw();
        Optional<SampleEvent> earlier = anEarlierOne();
        if (kind.needsHistory() && earlier.isEmpty()) {
            // one of the deck's valid ones comes now instead
            deck.removeFirstOccurrence(EventKind.VALID);
            deck.addLast(kind);
            kind = EventKind.VALID;
        }
        SampleEvent plain = events.validEvent();
        SampleEvent event = switch (kind) {
            case VALID -> plain;
            case DUPLICATE -> earlier.orElseThrow();
            case LATE -> events.lateEvent(theLatestQueue());
            case INVALID -> events.invalidEvent();
            case OVERSIZE -> events.oversizeEvent();
            case FUTURE -> events.futureEvent(plain.queueId());
        };
        return new Journey(target, kind, event);
    }

    /** Kinds are drawn from a shuffled deck of forty, so that a short stream shows all of them too. */
    private EventKind draw() {
        if (deck.isEmpty()) {
            List<EventKind> cards = new ArrayList<>();
            for (EventKind kind : EventKind.values()) {
                cards.addAll(Collections.nCopies(kind.inForty(), kind));
            }
            Collections.shuffle(cards, dice);
            deck.addAll(cards);
        }
        return deck.removeFirst();
    }

    private Optional<SampleEvent> anEarlierOne() {
        synchronized (taken) {
            return taken.isEmpty() ? Optional.empty()
                    : taken.stream().skip(dice.nextInt(taken.size())).findFirst();
        }
    }

    /** The queue that had an event last, because only there two minutes are sure to be late. */
    private String theLatestQueue() {
        synchronized (taken) {
            return taken.getLast().queueId();
        }
    }

    private void remember(SampleEvent event) {
        synchronized (taken) {
            taken.addLast(event);
            if (taken.size() > REMEMBERED) {
                taken.removeFirst();
            }
        }
    }

    /** Where to post, read from a registered webhook. */
    private record Target(URI uri, JsonNode headers, int maxRetries, Duration retryInterval) {

        Target(ObjectNode webhook) {
            this(URI.create(webhook.path("targetUrl").asText()), webhook.path("targetHeaders"),
                    webhook.at("/retryPolicy/maxRetries").asInt(5),
                    Duration.ofMillis(webhook.at("/retryPolicy/retryIntervalMs").asLong(1000)));
        }

        HttpRequest request(byte[] body, Duration timeout) {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(timeout)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body));
            if (!headers.has("Content-Type")) {
                request.header("Content-Type", "application/json");
            }
            headers.properties().forEach(header -> {
                if (!SET_BY_CLIENT.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                    request.header(header.getKey(), header.getValue().asText());
                }
            });
            return request.build();
        }
    }

    /** One event on its way, from its first try to its fate. */
    private final class Journey {

        private final Target target;
        private final EventKind kind;
        private final SampleEvent event;
        private final Instant sentAt = Instant.now();
        private final long sentNanos = System.nanoTime();
        private final HttpRequest request;
        private volatile int tries; // each try is sent when the one before is answered

        private Journey(Target target, EventKind kind, SampleEvent event) {
            this.target = target;
            this.kind = kind;
            this.event = event;
            this.request = target.request(event.bytes(), options.timeout());
        }

        @SuppressWarnings("NonAtomicVolatileUpdate")
        private void send() {
            tries++;
            client.sendAsync(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                    .whenComplete(this::answered);
        }

        private void answered(HttpResponse<String> response, Throwable failure) {
            boolean worthAnotherTry = failure != null || response.statusCode() >= 500 || response.statusCode() == 429;
            if (worthAnotherTry && tries <= target.maxRetries()) {
                CompletableFuture.delayedExecutor(target.retryInterval().toMillis(), TimeUnit.MILLISECONDS)
                        .execute(this::send);
            } else if (failure != null) {
                Throwable cause = failure.getCause() != null ? failure.getCause() : failure;
                end(0, cause.getClass().getSimpleName(), Optional.ofNullable(cause.getMessage()).orElse(""));
            } else {
                endAs(response);
            }
        }

        private void endAs(HttpResponse<String> response) {
            JsonNode body = Json.readObject(response.body().getBytes(StandardCharsets.UTF_8)).orElseGet(Json::object);
            String word = body.path("status").asText(body.path("error").asText("?"));
            List<String> violated = body.path("violations").findValuesAsText("path");
            end(response.statusCode(), word,
                    violated.isEmpty() ? body.path("message").asText("") : String.join(" ", violated));
        }

        private void end(int status, String word, String message) {
            if (!open.remove(this)) {
                return;
            }
            EventFate fate = new EventFate(sentAt, kind, event.id(), event.eventType(), event.queueId(), status, word,
                    message, tries, Duration.ofNanos(System.nanoTime() - sentNanos));
            if (kind == EventKind.VALID && fate.accepted()) {
                remember(event);
            }
            try {
                listener.accept(fate);
            } finally {
                slots.release();
            }
        }
    }
}
