package org.routingbridge.event;

import java.time.Duration;
import java.util.random.RandomGenerator;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How often and how fast the event itself wants to be tried (contract, section 4).
 *
 * @param maxAttempts attempts in all, 1 to 10
 * @param backoff     the pause before attempt n+1 is n times this
 */
public record RetryDirective(int maxAttempts, Duration backoff) {

    private static final int DEFAULT_ATTEMPTS = 3;
    private static final long DEFAULT_BACKOFF_MILLIS = 1000;
    private static final long LONGEST_PAUSE_MILLIS = 60_000;
    private static final double JITTER = 0.2;

    static RetryDirective read(JsonNode json) {
        double backoff = json.path("backoffMs").asDouble(DEFAULT_BACKOFF_MILLIS);
        return new RetryDirective(json.path("maxAttempts").asInt(DEFAULT_ATTEMPTS),
                Duration.ofMillis((long) Math.min(backoff, LONGEST_PAUSE_MILLIS)));
    }

    /** The pause after so many attempts: linear, 20 % more or less by chance, 60 s at most. */
    public Duration pauseAfter(int attempts, RandomGenerator random) {
        double jittered = attempts * (double) backoff.toMillis() * (1 + JITTER * (2 * random.nextDouble() - 1));
        return Duration.ofMillis(Math.round(Math.min(jittered, LONGEST_PAUSE_MILLIS)));
    }
}
