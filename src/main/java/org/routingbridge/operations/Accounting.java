package org.routingbridge.operations;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.routingbridge.cluster.Members;
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
    private final BridgesAccounting bridges;
    private final Map<String, Long> outcomes = new TreeMap<>();
    private final AtomicBoolean balancedBefore = new AtomicBoolean(true);
    private long received;
    private long inFlight;

    /** @param members those with whom this bridge shares the store; null where it is alone */
    public Accounting(Outbox outbox, BridgeMetrics metrics, Members members) {
        this.outbox = outbox;
        bridges = members == null ? null : new BridgesAccounting(members, this::requests);
        metrics.gauge("bridge.books.balanced", "1 while every event received is accounted for",
                () -> balance().balanced() ? 1 : 0);
    }

    /** Requests by their outcome. */
    @JsonPropertyOrder({"received", "processed", "queued", "dead_lettered", "duplicate_skipped", "rejected",
            "overloaded", "unanswered", "in_flight"})
    public record Requests(long received, long processed, long queued,
                           @JsonProperty("dead_lettered") long deadLettered,
                           @JsonProperty("duplicate_skipped") long duplicateSkipped, long rejected, long overloaded,
                           long unanswered, @JsonProperty("in_flight") long inFlight) {

        static final Requests NONE = new Requests(0, 0, 0, 0, 0, 0, 0, 0, 0);

        @JsonIgnore
        boolean isBalanced() {
            return received == processed + queued + deadLettered + duplicateSkipped + rejected + overloaded + unanswered
                    + inFlight;
        }

        Requests plus(Requests other) {
            return new Requests(received + other.received, processed + other.processed, queued + other.queued,
                    deadLettered + other.deadLettered, duplicateSkipped + other.duplicateSkipped,
                    rejected + other.rejected, overloaded + other.overloaded, unanswered + other.unanswered,
                    inFlight + other.inFlight);
        }
    }

    /**
     * A bridge on the shared store.
     *
     * @param name      its host and port
     * @param seenAt    when it was last heard of
     * @param publishes whether it is there and can publish what waits, so far as it knows; if not, the others do
     * @param requests  its own
     */
    @JsonPropertyOrder({"name", "seenAt", "publishes", "requests", "balanced"})
    public record Bridge(String name, String seenAt, boolean publishes, @JsonUnwrapped Requests requests,
            boolean balanced) {
    }

    /** The requests of all bridges, and the outbox that they share. */
    @JsonPropertyOrder({"requests", "outbox", "balanced"})
    public record Sum(@JsonUnwrapped Requests requests, Outbox.Balance outbox, boolean balanced) {
    }

    /**
     * What {@code GET /ops/accounting} answers.
     *
     * @param bridges that share the store, this one among them; null where it is alone
     * @param sum     of theirs; null where it is alone
     */
    @JsonPropertyOrder({"requests", "outbox", "balanced", "bridges", "sum"})
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Balance(@JsonUnwrapped Requests requests, Outbox.Balance outbox, boolean balanced,
                          List<Bridge> bridges, Sum sum) {
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
        Requests requests = requests();
        List<Bridge> others = bridges == null ? null : bridges.list(requests);
        Balance balance = new Balance(requests, outboxBalance, requests.isBalanced() && outboxBalance.isBalanced(),
                others, others == null ? null : BridgesAccounting.sum(others, outboxBalance));
        if (balancedBefore.getAndSet(balance.balanced()) && !balance.balanced()) {
            LOG.error("The books do not balance; an event may be lost or counted twice balance={}", balance);
        }
        return balance;
    }

    private synchronized Requests requests() {
        return new Requests(received, of("processed"), of("queued"), of("dead_lettered"), of("duplicate_skipped"),
                of("rejected"), of("overloaded"), of("unanswered"), inFlight);
    }

    private long of(String outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }
}
