package org.routingbridge.eventbridge;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.AsyncProcessorSupport;
import org.routingbridge.event.Outcome;
import org.routingbridge.eventbridge.PutResult.Kind;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.settings.Settings;
import org.routingbridge.tracing.Tracing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequest;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;

/**
 * Publishes by group commit: an event joins those that wait, and whenever one of the senders is free it takes what is
 * there, up to ten entries and the size limit together, as one PutEvents request through {@code direct:put-events}.
 * There is no timer, so that an event alone leaves at once, while under load the requests fill by themselves. Each
 * exchange goes on with its own entry's outcome, a {@link PublishAttempt}, as body; no thread is held while it waits.
 *
 * <p>An exchange that has a {@link PublishDeadline} goes on without an answer when that has passed. What EventBridge
 * says of its entry after all goes to {@code direct:settle-late-answer}.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html">PutEvents</a>
 */
public final class BusPublisher extends AsyncProcessorSupport implements CamelContextAware {

    private static final Logger LOG = LoggerFactory.getLogger(BusPublisher.class);
    private static final String PUT_EVENTS = "direct:put-events";
    private static final String SETTLE_LATE_ANSWER = "direct:settle-late-answer";
    /** Threads for what comes of failed attempts; as many can share one sync of the outbox. */
    private static final int AFTER_FAILURE = 32;
    /** Entries in a PutEvents request at most, as AWS has it. */
    private static final int REQUEST_ENTRIES = 10;
    private static final int LATE_ANSWERS = 100_000;
    private static final long DEADLINE_CHECK_MILLIS = 20;

    private final EventEntries entries;
    private final BusCircuitBreaker circuitBreaker;
    private final BridgeMetrics metrics;
    private final Tracing tracing;
    private final int senders;
    private final AimdLimit inFlight;
    private final Clock clock = Clock.systemUTC();

    private final EntryQueue<QueuedEntry> queue;
    private final List<QueuedEntry> batch = new ArrayList<>();
    private final Set<PendingAttempt> withDeadline = ConcurrentHashMap.newKeySet();
    private final Cache<String, CompletableFuture<Boolean>> lateAnswers;

    private CamelContext camelContext;
    private ProducerTemplate producer;
    private ExecutorService executor;
    private ExecutorService afterFailure;
    private ScheduledExecutorService deadlines;

    public BusPublisher(Settings settings, EventEntries entries, BusCircuitBreaker circuitBreaker,
                        BridgeMetrics metrics, Tracing tracing) {
        this.tracing = tracing;
        this.entries = entries;
        this.circuitBreaker = circuitBreaker;
        this.metrics = metrics;
        lateAnswers = Caffeine.newBuilder().executor(Runnable::run).maximumSize(LATE_ANSWERS)
                .expireAfterWrite(settings.outboxMaxAge()).build();
        senders = settings.eventBridgeConcurrency();
        inFlight = new AimdLimit(senders, System::nanoTime);
        queue = new EntryQueue<>(queued -> queued.entry().bytes(), settings.maxEntryBytes(), inFlight::limit);
    }

    private record QueuedEntry(PendingAttempt attempt, int index, EventEntries.Sized entry) {
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            PendingAttempt attempt = PendingAttempt.begin(exchange, callback, tracing);
            String missing = circuitBreaker.missingReason();
            if (missing != null) {
                attempt.fail(PutResult.failed(Kind.MISCONFIGURED, missing, null, false), clock.instant());
                callback.done(true);
                return true;
            }
            enqueue(attempt, entries.entries(attempt.tracedEvent()),
                    exchange.getProperty(ExchangePropertyKey.BATCH_COMPLETE, Boolean.class));
            return false;
        } catch (Exception e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }

    /**
     * @param lastOfBatch of an exchange that a batch consumer hands out together with others, whether it is the last of
     *                    them; else null
     */
    private void enqueue(PendingAttempt attempt, List<EventEntries.Sized> sized, Boolean lastOfBatch) {
        attempt.expect(sized.size(), sized.stream().mapToInt(EventEntries.Sized::bytes).sum());
        if (attempt.hasDeadline()) {
            withDeadline.add(attempt);
        }
        List<QueuedEntry> open = new ArrayList<>(sized.size());
        for (int i = 0; i < sized.size(); i++) {
            if (attempt.isOpen(i)) {
                open.add(new QueuedEntry(attempt, i, sized.get(i)));
            }
        }
        if (lastOfBatch != null) {
            joinBatch(open, lastOfBatch);
        } else {
            add(open);
        }
    }

    /** Those that are handed out together leave together. */
    private void joinBatch(List<QueuedEntry> open, boolean isLast) {
        synchronized (batch) {
            batch.addAll(open);
            if (isLast || batch.size() >= REQUEST_ENTRIES) {
                addBatch();
            }
        }
    }

    private void addBatch() {
        synchronized (batch) {
            if (!batch.isEmpty()) {
                add(List.copyOf(batch));
                batch.clear();
            }
        }
    }

    private void add(List<QueuedEntry> open) {
        if (queue.add(open)) {
            Context eventLoop = Vertx.currentContext();
            if (eventLoop == null) {
                callSender();
            } else {
                // after what has arrived together with this event
                eventLoop.runOnContext(nothing -> callSender());
            }
        }
    }

    private void callSender() {
        executor.execute(() -> {
            queue.senderCame();
            send();
        });
    }

    /** What one sender does: request after request while there is something to send and it is within the limit. */
    private void send() {
        for (List<QueuedEntry> batch = next(); !batch.isEmpty(); batch = next()) {
            try {
                publish(batch);
            } catch (RuntimeException e) {
                // whatever it is, no exchange may be left waiting and no sender be lost
                PutResult failure = PutResult.failed(Kind.UNAVAILABLE, RequestFailure.of(e).error(),
                        Duration.ZERO, false);
                batch.forEach(entry -> settle(entry, List.of(failure)));
            }
        }
    }

    private List<QueuedEntry> next() {
        return queue.take(queued -> queued.attempt().send());
    }

    private void publish(List<QueuedEntry> batch) {
        List<PutResult> results = put(batch);
        boolean refusedTogether = batch.size() > 1
                && results.stream().allMatch(result -> result.kind() == Kind.REFUSED && !result.alone());
        for (int i = 0; i < batch.size(); i++) {
            QueuedEntry entry = batch.get(i);
            settle(entry, refusedTogether
                    ? List.of(results.get(i), put(List.of(entry)).get(0)) : List.of(results.get(i)));
        }
    }

    private void settle(QueuedEntry entry, List<PutResult> results) {
        PendingAttempt attempt = entry.attempt();
        switch (attempt.settle(entry.index(), results, clock.instant())) {
            case ENDED -> {
                withDeadline.remove(attempt);
                count(attempt.ended());
                if (attempt.ended().isPublished()) {
                    attempt.goOnWhereItBegan();
                } else {
                    // what comes of a failure may be a write to disk, which no sender has time for
                    afterFailure.execute(attempt::goOn);
                }
            }
            case ENDED_LATE -> {
                count(attempt.ended());
                settleLate(attempt);
                CompletableFuture<Boolean> answer = lateAnswers.getIfPresent(attempt.event().id());
                if (answer != null) {
                    answer.complete(attempt.ended().result().isAccepted());
                }
            }
            case OPEN -> { }
        }
    }

    private void count(PublishAttempt attempt) {
        for (PutResult result : attempt.results()) {
            if (result.isAccepted()) {
                metrics.attemptSucceeded();
            } else {
                metrics.attemptFailed(result.error());
            }
        }
    }

    /** Whatever goes wrong there, the request's other entries and its sender have to go on. */
    private void settleLate(PendingAttempt attempt) {
        Exchange settled = producer.send(SETTLE_LATE_ANSWER, exchange -> {
            exchange.getMessage().setBody(attempt.ended());
            if (attempt.ended().isPublished()) {
                Outcome.PROCESSED.enter(exchange);
            }
        });
        if (settled.getException() != null) {
            LOG.error("What EventBridge said late of an event could not be taken up eventId={} reason={}",
                    attempt.event().id(), RequestFailure.of(settled.getException()).error());
        }
    }

    /** Sends one request and says of each of its entries what became of it, in the entries' order. */
    private List<PutResult> put(List<QueuedEntry> batch) {
        List<PutEventsRequestEntry> requestEntries = new ArrayList<>(batch.size());
        batch.forEach(queued -> requestEntries.add(queued.entry().entry()));
        PutEventsRequest request = PutEventsRequest.builder().entries(requestEntries).build();
        long began = System.nanoTime();
        Exchange answer = producer.request(PUT_EVENTS, exchange -> exchange.getMessage().setBody(request));
        Duration latency = Duration.ofNanos(System.nanoTime() - began);
        metrics.requested(batch.size(), latency);
        List<PutResult> results = PutAnswer.interpret(answer, batch.size(), latency);
        results.forEach(circuitBreaker::heard);
        long throttled = results.stream().filter(result -> result.kind() == Kind.THROTTLED).count();
        if (throttled > 0) {
            inFlight.throttled(began, (double) throttled / results.size());
        }
        return results;
    }

    private void letGoOfOverdue() {
        // the last one of a batch may have gone another way
        addBatch();
        long now = System.nanoTime();
        withDeadline.removeIf(attempt -> {
            if (!attempt.isOverdue(now)) {
                return false;
            }
            // before the exchange can go on, and before the answer can come
            lateAnswers.put(attempt.event().id(), new CompletableFuture<>());
            boolean givenUp = attempt.giveUp(clock.instant());
            if (!givenUp || !attempt.isSent()) {
                lateAnswers.invalidate(attempt.event().id());
            }
            if (givenUp) {
                afterFailure.execute(attempt::goOn);
            }
            return true;
        });
    }

    /**
     * Whether an attempt that its exchange has given up on was successful after all, once EventBridge has answered;
     * null where no such attempt is under way.
     */
    public CompletableFuture<Boolean> lateAnswer(String eventId) {
        return lateAnswers.getIfPresent(eventId);
    }

    /** PutEvents calls that may be in flight just now. */
    public int requestsAllowed() {
        return inFlight.limit();
    }

    public void forgetLateAnswer(String eventId) {
        lateAnswers.invalidate(eventId);
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    @Override
    protected void doStart() {
        metrics.gauge("bridge.eventbridge.senders", "PutEvents calls that the AIMD limit allows in flight",
                inFlight::limit);
        producer = camelContext.createProducerTemplate();
        executor = camelContext.getExecutorServiceManager().newThreadPool(this, "put-events", senders, senders);
        afterFailure = camelContext.getExecutorServiceManager().newThreadPool(this, "after-failure", AFTER_FAILURE,
                AFTER_FAILURE);
        deadlines = camelContext.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "reply-budget");
        deadlines.scheduleWithFixedDelay(this::letGoOfOverdue, DEADLINE_CHECK_MILLIS, DEADLINE_CHECK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    @Override
    protected void doStop() {
        camelContext.getExecutorServiceManager().shutdownNow(deadlines);
        camelContext.getExecutorServiceManager().shutdownGraceful(executor);
        camelContext.getExecutorServiceManager().shutdownGraceful(afterFailure);
        producer.stop();
    }
}
