package org.routingbridge.eventbridge;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;

import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.AsyncProcessorSupport;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.PutResult.Kind;
import org.routingbridge.operations.BridgeMetrics;
import org.routingbridge.settings.Settings;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequest;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResponse;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResultEntry;

/**
 * Publishes by group commit: an event joins those that wait, and whenever one of the senders is free it takes what is
 * there, up to ten entries and the size limit together, as one PutEvents request through {@code direct:put-events}. There
 * is no timer, so that an event alone leaves at once, while under load the requests fill by themselves. Each exchange goes
 * on with its own entry's outcome, a {@link PublishAttempt}, as body; no thread is held while it waits.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html">PutEvents</a>
 */
public final class BusPublisher extends AsyncProcessorSupport implements CamelContextAware {

    /** Entries in a PutEvents request at most, as AWS has it. */
    private static final int MAX_ENTRIES = 10;
    private static final String PUT_EVENTS = "direct:put-events";

    private final EventEntries entries;
    private final BusState busState;
    private final BridgeMetrics metrics;
    private final int maxRequestBytes;
    private final int senders;
    private final SenderGovernor governor;
    private final Clock clock = Clock.systemUTC();

    private final Deque<Waiting> queue = new ArrayDeque<>();
    private int busySenders;

    private CamelContext camelContext;
    private ProducerTemplate putEvents;
    private ExecutorService executor;

    public BusPublisher(Settings settings, EventEntries entries, BusState busState, BridgeMetrics metrics) {
        this.entries = entries;
        this.busState = busState;
        this.metrics = metrics;
        maxRequestBytes = settings.maxEntryBytes();
        senders = settings.eventBridgeConcurrency();
        governor = new SenderGovernor(senders, System::nanoTime);
    }

    private record Waiting(RoutingEvent event, EventEntries.Sized entry, int attempt, Exchange exchange,
                           AsyncCallback callback) {
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            RoutingEvent event = exchange.getMessage().getMandatoryBody(RoutingEvent.class);
            Integer redeliveries = exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, Integer.class);
            int attempt = redeliveries == null ? 1 : redeliveries + 1;
            String missing = busState.missingReason();
            if (missing != null) {
                finish(exchange, event, attempt, List.of(PutResult.failed(Kind.MISCONFIGURED, missing, null, false)));
                callback.done(true);
                return true;
            }
            enqueue(new Waiting(event, entries.entry(event), attempt, exchange, callback));
            return false;
        } catch (Exception e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }

    private void enqueue(Waiting waiting) {
        boolean startSender;
        synchronized (queue) {
            queue.add(waiting);
            startSender = busySenders < governor.limit();
            if (startSender) {
                busySenders++;
            }
        }
        if (startSender) {
            executor.execute(this::send);
        }
    }

    /** What one sender does: request after request while there is something to send and it is within the limit. */
    private void send() {
        for (List<Waiting> batch = take(); !batch.isEmpty(); batch = take()) {
            publish(batch);
        }
    }

    /** The next request's entries; none where the sender is to rest, which it then does. */
    private List<Waiting> take() {
        List<Waiting> batch = new ArrayList<>(MAX_ENTRIES);
        synchronized (queue) {
            if (busySenders <= governor.limit()) {
                int bytes = 0;
                while (batch.size() < MAX_ENTRIES && !queue.isEmpty()
                        && (batch.isEmpty() || bytes + queue.peek().entry().bytes() <= maxRequestBytes)) {
                    bytes += queue.peek().entry().bytes();
                    batch.add(queue.poll());
                }
            }
            if (batch.isEmpty()) {
                busySenders--;
            }
        }
        return batch;
    }

    private void publish(List<Waiting> batch) {
        List<PutResult> results = put(batch);
        boolean refusedInCompany = batch.size() > 1
                && results.stream().allMatch(result -> result.kind() == Kind.REFUSED && !result.alone());
        for (int i = 0; i < batch.size(); i++) {
            Waiting waiting = batch.get(i);
            List<PutResult> own = refusedInCompany ? List.of(results.get(i), put(List.of(waiting)).get(0))
                    : List.of(results.get(i));
            finish(waiting.exchange(), waiting.event(), waiting.attempt(), own);
            waiting.callback().done(false);
        }
    }

    private void finish(Exchange exchange, RoutingEvent event, int number, List<PutResult> results) {
        PublishAttempt attempt = new PublishAttempt(event, number, results, clock.instant());
        metrics.attempted(attempt);
        exchange.getMessage().setBody(attempt);
    }

    /** Sends one request and says of each of its entries what became of it, in the entries' order. */
    private List<PutResult> put(List<Waiting> batch) {
        List<PutEventsRequestEntry> requestEntries = new ArrayList<>(batch.size());
        batch.forEach(waiting -> requestEntries.add(waiting.entry().entry()));
        PutEventsRequest request = PutEventsRequest.builder().entries(requestEntries).build();
        long began = System.nanoTime();
        Exchange answer = putEvents.request(PUT_EVENTS, exchange -> exchange.getMessage().setBody(request));
        Duration latency = Duration.ofNanos(System.nanoTime() - began);
        metrics.requested(batch.size(), latency);
        List<PutResult> results = interpret(answer, batch.size(), latency);
        results.forEach(busState::heard);
        if (results.stream().anyMatch(result -> result.kind() == Kind.THROTTLED)) {
            governor.throttled(began);
        }
        return results;
    }

    private static List<PutResult> interpret(Exchange answer, int size, Duration latency) {
        List<PutResult> results = new ArrayList<>(size);
        if (answer.getException() == null && answer.getMessage().getBody() instanceof PutEventsResponse response
                && response.entries().size() == size) {
            long failed = response.entries().stream().filter(entry -> isInternalFailure(entry.errorCode())).count();
            response.entries().forEach(entry -> results.add(interpret(entry, latency, failed == 1)));
            return results;
        }
        RequestFailure failure = answer.getException() != null ? RequestFailure.of(answer.getException())
                : new RequestFailure(Kind.UNAVAILABLE, "Unexpected: the endpoint did not answer with a result for each entry");
        for (int i = 0; i < size; i++) {
            results.add(PutResult.failed(failure.kind(), failure.error(), latency, false));
        }
        return results;
    }

    private static PutResult interpret(PutEventsResultEntry entry, Duration latency, boolean alone) {
        String code = entry.errorCode();
        if (code == null) {
            return PutResult.accepted(entry.eventId(), latency);
        }
        Kind kind = isInternalFailure(code) ? Kind.INTERNAL_FAILURE
                : code.equals("ThrottlingException") ? Kind.THROTTLED
                : code.equals("ServiceUnavailable") ? Kind.UNAVAILABLE : Kind.REFUSED;
        return PutResult.failed(kind, RequestFailure.describe(code, entry.errorMessage()), latency,
                kind == Kind.REFUSED || alone);
    }

    private static boolean isInternalFailure(String code) {
        return "InternalFailure".equals(code) || "InternalException".equals(code);
    }

    /** How many calls the governor allows now, of {@code bridge.eventbridge.concurrency}. */
    int senderLimit() {
        return governor.limit();
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
        metrics.gauge("bridge.eventbridge.senders", "PutEvents calls that the governor allows in flight",
                this::senderLimit);
        putEvents = camelContext.createProducerTemplate();
        executor = camelContext.getExecutorServiceManager().newThreadPool(this, "put-events", senders, senders);
    }

    @Override
    protected void doStop() {
        camelContext.getExecutorServiceManager().shutdownGraceful(executor);
        putEvents.stop();
    }
}
