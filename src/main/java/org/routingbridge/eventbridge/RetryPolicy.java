package org.routingbridge.eventbridge;

import java.time.Duration;
import java.util.random.RandomGenerator;

import org.apache.camel.Exchange;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.settings.Settings;

/**
 * Decides after a failed attempt whether there is to be another one, and after which pause (contract, section 4). It
 * sees the exchange, since Camel's redelivery is told its delay by a header.
 */
public final class RetryPolicy {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final int LONGEST_DOUBLING = 20;

    private final BusCircuitBreaker circuitBreaker;
    private final Duration longestPause;

    public RetryPolicy(Settings settings, BusCircuitBreaker circuitBreaker) {
        longestPause = settings.outboxRetryMaxDelay();
        this.circuitBreaker = circuitBreaker;
    }

    /**
     * A failed attempt becomes the exception that the routes act on.
     *
     * @throws BusUnavailable where the event is not on the bus, and may be later
     * @throws EntryRefused   where it never will be
     */
    public void failUnlessPublished(PublishAttempt attempt) {
        if (isRefused(attempt)) {
            throw new EntryRefused(attempt);
        }
        if (!attempt.result().isAccepted()) {
            throw new BusUnavailable(attempt);
        }
    }

    /** Whether EventBridge will never take the attempt's event. */
    public boolean isRefused(PublishAttempt attempt) {
        return attempt.result().kind() == PutResult.Kind.REFUSED || attempt.isHopeless();
    }

    /** Whether to try again while the sender waits; leaves the pause before it for Camel's redelivery. */
    public boolean shouldRetry(Exchange exchange) {
        PublishAttempt attempt = failure(exchange).attempt();
        if (!attempt.result().isWorthAnotherAttempt() || !attempt.hasAttemptsLeft()) {
            return false;
        }
        Duration pause = directed(attempt);
        if (PublishDeadline.isBefore(exchange, pause)) {
            return false;
        }
        pause(exchange, pause);
        return true;
    }

    /**
     * Says, in the variable {@code nextTry}, after which pause an event of the outbox is tried again: at the
     * directive's pace while it has attempts left, then at the outbox's own, which slows down to
     * {@code bridge.outbox.retry.max.delay}. While EventBridge is away the pace is that of the probes.
     */
    public void postpone(Exchange exchange) {
        BusUnavailable failure = failure(exchange);
        PublishAttempt attempt = failure.attempt();
        if (!attempt.hasAttemptsLeft()) {
            circuitBreaker.trip(failure);
        }
        Duration pause = attempt.hasAttemptsLeft() ? directed(attempt) : own(attempt);
        exchange.setVariable("nextTry",
                circuitBreaker.isOpen() ? Duration.ZERO : pause.compareTo(longestPause) < 0 ? pause : longestPause);
    }

    /**
     * How long after so many attempts, made while its sender waited, an event's first one from the outbox comes:
     * attempts that it has left go on at its directive's pace.
     */
    public Duration pauseBeforeOutbox(RoutingEvent event, int attempts) {
        if (attempts == 0 || attempts >= event.retryDirective().maxAttempts()) {
            return Duration.ZERO;
        }
        Duration pause = event.retryDirective().pauseAfter(attempts, RandomGenerator.getDefault());
        return pause.compareTo(longestPause) < 0 ? pause : longestPause;
    }

    private static BusUnavailable failure(Exchange exchange) {
        return exchange.getProperty(Exchange.EXCEPTION_CAUGHT, BusUnavailable.class);
    }

    private static Duration directed(PublishAttempt attempt) {
        return attempt.event().retryDirective().pauseAfter(attempt.number(), RandomGenerator.getDefault());
    }

    private static Duration own(PublishAttempt attempt) {
        int doublings = Math.min(LONGEST_DOUBLING, attempt.number() - attempt.event().retryDirective().maxAttempts());
        return FIRST_PAUSE.multipliedBy(1L << Math.max(0, doublings));
    }

    private static void pause(Exchange exchange, Duration pause) {
        exchange.getMessage().setHeader(Exchange.REDELIVERY_DELAY, pause.toMillis());
    }
}
