package org.routingbridge.operations;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.routingbridge.event.Refusal;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.outbox.Outbox;
import org.routingbridge.webhook.Reply;
import org.routingbridge.webhook.RequestEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The books: every request that held the secret has one outcome or is in flight, and every event that entered the
 * outbox has left it or is pending (contract, section 8). Received is counted when a request comes, its outcome when it
 * is answered, so that the two can be held against each other.
 */
public final class Accounting implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(Accounting.class);
    private static final Set<String> REJECTED = Set.of(Refusal.MALFORMED_JSON.code(), Refusal.SCHEMA_VIOLATION.code(),
            Refusal.ORDERING_VIOLATION.code(), Refusal.PAYLOAD_TOO_LARGE.code(), Refusal.ENTRY_TOO_LARGE.code(),
            Refusal.UNSUPPORTED_MEDIA_TYPE.code(), Refusal.REQUEST_TIMEOUT.code(), Refusal.MALFORMED_REQUEST.code());

    private final Outbox outbox;
    private final Map<String, Long> outcomes = new TreeMap<>();
    private final AtomicBoolean balancedBefore = new AtomicBoolean(true);
    private long received;
    private long inFlight;

    public Accounting(Outbox outbox, BridgeMetrics metrics) {
        this.outbox = outbox;
        metrics.gauge("bridge.books.balanced", "1 while every event received is accounted for",
                () -> balance().balanced() ? 1 : 0);
    }

    /** What {@code GET /ops/accounting} answers. */
    @JsonPropertyOrder({"received", "processed", "queued", "dead_lettered", "duplicate_skipped", "rejected",
            "overloaded", "unanswered", "in_flight", "outbox", "balanced"})
    public record Balance(long received, long processed, long queued,
                          @JsonProperty("dead_lettered") long deadLettered,
                          @JsonProperty("duplicate_skipped") long duplicateSkipped, long rejected, long overloaded,
                          long unanswered, @JsonProperty("in_flight") long inFlight, Outbox.Balance outbox,
                          boolean balanced) {
    }

    /** Enters a request that holds the secret; its outcome is entered when it is answered. */
    @Override
    public void process(Exchange exchange) {
        synchronized (this) {
            received++;
            inFlight++;
        }
        RequestEnd.of(exchange, done ->
                answered(done.getMessage().getBody() instanceof Reply reply
                        ? reply.outcome() : Refusal.OVERLOADED.code()));
    }

    private synchronized void answered(String outcome) {
        inFlight--;
        if (outcome.equals(Refusal.UNAUTHORIZED.code())) {
            // a wrong signature: who holds the secret and cannot sign was never let in
            received--;
        } else {
            outcomes.merge(REJECTED.contains(outcome) ? "rejected" : outcome, 1L, Long::sum);
        }
    }

    public Balance balance() {
        Outbox.Balance outboxBalance = outbox.balance();
        Balance balance;
        synchronized (this) {
            long answered = outcomes.values().stream().mapToLong(Long::longValue).sum();
            balance = new Balance(received, of("processed"), of("queued"), of("dead_lettered"), of("duplicate_skipped"),
                    of("rejected"), of("overloaded"), of("unanswered"), inFlight, outboxBalance,
                    received == answered + inFlight && outboxBalance.isBalanced());
        }
        if (balancedBefore.getAndSet(balance.balanced()) && !balance.balanced()) {
            LOG.error("The books do not balance; an event may be lost or counted twice balance={}", balance);
        }
        return balance;
    }

    private long of(String outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }
}
