package org.routingbridge.eventbridge;

import java.time.Instant;
import java.util.List;
import java.util.Set;

import org.apache.camel.Exchange;
import org.routingbridge.event.RoutingEvent;

/**
 * One attempt to publish an event, ended or given up on.
 *
 * @param event   which
 * @param number  1 for the first
 * @param results what EventBridge said: one, or two where the event was refused in company and then sent alone
 * @param aloneFailures attempts so far, this one included, in which EventBridge failed on this entry alone
 * @param entryBytes of the entry by AWS's count, of all of them together where it was cut; 0 where none was made
 * @param endedAt when the last answer came
 */
public record PublishAttempt(RoutingEvent event, int number, List<PutResult> results, int aloneFailures,
                             int entryBytes, Instant endedAt) {

    private static final String EARLIER_ATTEMPTS = "bridge.earlierAttempts";
    private static final String ACCEPTED_ENTRIES = "bridge.acceptedEntries";
    private static final String ALONE_FAILURES = "bridge.aloneFailures";

    /**
     * An exchange takes up an event that has been tried before.
     *
     * @param accepted the entries of the event, by their index, that EventBridge has taken
     */
    public static void continueAfter(Exchange exchange, int attempts, int aloneFailures, Set<Integer> accepted) {
        exchange.setProperty(EARLIER_ATTEMPTS, attempts);
        exchange.setProperty(ALONE_FAILURES, aloneFailures);
        exchange.setProperty(ACCEPTED_ENTRIES, accepted);
    }

    /**
     * The entries of the exchange's event, by their index, that EventBridge has taken so far and are not sent again.
     */
    @SuppressWarnings("unchecked")
    public static Set<Integer> acceptedEntries(Exchange exchange) {
        Set<Integer> accepted = exchange.getProperty(ACCEPTED_ENTRIES, Set.class);
        return accepted == null ? Set.of() : accepted;
    }

    static void accepted(Exchange exchange, Set<Integer> entries) {
        exchange.setProperty(ACCEPTED_ENTRIES, entries);
    }

    /** The number of the attempt that an exchange is about to make. */
    static int numberOfNext(Exchange exchange) {
        return exchange.getProperty(EARLIER_ATTEMPTS, 0, Integer.class) + 1
                + exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 0, Integer.class);
    }

    static PublishAttempt ended(Exchange exchange, RoutingEvent event, int number, List<PutResult> results,
                                int entryBytes, Instant now) {
        PutResult result = results.get(results.size() - 1);
        boolean alone = result.kind() == PutResult.Kind.INTERNAL_FAILURE && result.alone();
        int aloneFailures = exchange.getProperty(ALONE_FAILURES, 0, Integer.class) + (alone ? 1 : 0);
        exchange.setProperty(ALONE_FAILURES, aloneFailures);
        return new PublishAttempt(event, number, results, aloneFailures, entryBytes, now);
    }

    /** Whether the event's own directive allows another attempt. */
    public boolean hasAttemptsLeft() {
        return number < event.retryDirective().maxAttempts();
    }

    /** Whether it is this very entry that EventBridge cannot take: it failed alone at all its attempts. */
    boolean isHopeless() {
        return !hasAttemptsLeft() && aloneFailures == number;
    }

    /** Whether the whole event is on the bus. */
    public boolean isPublished() {
        return result().isAccepted();
    }

    public PutResult result() {
        return results.get(results.size() - 1);
    }
}
