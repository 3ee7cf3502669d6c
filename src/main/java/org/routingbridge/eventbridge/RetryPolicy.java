package org.routingbridge.eventbridge;

import java.time.Duration;
import java.util.random.RandomGenerator;

import org.apache.camel.Exchange;

/**
 * Decides after a failed attempt whether the event directs another one, and after which pause (contract, section 4). It
 * sees the exchange, since Camel's redelivery is told its delay by a header.
 */
public final class RetryPolicy {

    /**
     * A failed attempt becomes the exception that the routes act on.
     *
     * @throws BusUnavailable where the event is not on the bus, and may be later
     * @throws EntryRefused   where it never will be
     */
    public void failUnlessPublished(PublishAttempt attempt) {
        if (attempt.result().kind() == PutResult.Kind.REFUSED) {
            throw new EntryRefused(attempt);
        }
        if (!attempt.result().isAccepted()) {
            throw new BusUnavailable(attempt);
        }
    }

    /** Whether to try again; leaves the pause before it for Camel's redelivery. */
    public boolean shouldRetry(Exchange exchange) {
        BusUnavailable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, BusUnavailable.class);
        if (failure == null || !failure.attempt().result().isWorthAnotherAttempt()) {
            return false;
        }
        PublishAttempt attempt = failure.attempt();
        if (attempt.number() >= attempt.event().retryDirective().maxAttempts()) {
            return false;
        }
        Duration pause = attempt.event().retryDirective().pauseAfter(attempt.number(), RandomGenerator.getDefault());
        if (PublishDeadline.isBefore(exchange, pause)) {
            return false;
        }
        exchange.getMessage().setHeader(Exchange.REDELIVERY_DELAY, pause.toMillis());
        return true;
    }
}
