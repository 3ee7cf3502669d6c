package org.routingbridge.eventbridge;

import java.time.Duration;

import org.routingbridge.settings.Settings;

/**
 * The circuit breaker before EventBridge, with what the bridge knows of its bus. It opens where an event gives up on
 * EventBridge, and stays open where the bus is known to be missing. While it is open nothing is sent but one probe at a
 * time (half-open), at pauses that grow up to {@code bridge.outbox.retry.max.delay}; the first answer closes it again.
 * Why calls fail, by configuration or for want of an answer, is kept for the health checks.
 *
 * <p>Where nothing waits that a probe could be made with, the breaker becomes worth a try after a while, which is
 * longer each time that it was tried in vain: the next event is then the probe, whoever sends it. Without that a bridge
 * that found EventBridge misconfigured would stay not ready, and would get no event that shows that it was mended.
 */
public final class BusCircuitBreaker {

    /** One probe in two seconds is nothing to EventBridge, and what waits is gone the sooner. */
    private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(250).toNanos();
    private static final long FIRST_PATIENCE_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long LONGEST_PATIENCE_NANOS = Duration.ofMinutes(1).toNanos();

    private final long longestPauseNanos;
    private final long longestProbeNanos;
    private String missing;
    private String misconfigured;
    private String outOfReach;
    private boolean heard;
    private boolean tripped;
    private long pauseNanos = FIRST_PAUSE_NANOS;
    private long nextProbe;
    private long failedAt;
    private long patienceNanos = FIRST_PATIENCE_NANOS;
    private boolean worthATry;
    private boolean tried;
    private long nextTry;

    public BusCircuitBreaker(Settings settings) {
        longestPauseNanos = Math.min(LONGEST_PAUSE_NANOS, settings.outboxRetryMaxDelay().toNanos());
        longestProbeNanos = settings.eventBridgeTimeout().multipliedBy(2).toNanos();
    }

    /** DescribeEventBus said that there is no such bus. */
    synchronized void missing(String reason) {
        missing = reason;
        heard = true;
    }

    /** DescribeEventBus found the bus. */
    synchronized void found() {
        missing = null;
        heard = true;
        notifyAll();
    }

    /** A PutEvents call ended. */
    synchronized void heard(PutResult result) {
        heard = true;
        switch (result.kind()) {
            case MISCONFIGURED -> {
                misconfigured = result.error();
                outOfReach = null;
                failed();
            }
            case UNAVAILABLE -> {
                outOfReach = result.error();
                failed();
            }
            default -> {
                misconfigured = null;
                outOfReach = null;
                tripped = false;
                worthATry = false;
                patienceNanos = FIRST_PATIENCE_NANOS;
                pauseNanos = FIRST_PAUSE_NANOS;
                notifyAll();
            }
        }
    }

    private void failed() {
        failedAt = System.nanoTime();
        if (worthATry && tried) {
            patienceNanos = Math.min(patienceNanos * 2, LONGEST_PATIENCE_NANOS);
        }
        worthATry = false;
        if (tripped) {
            pauseNanos = Math.min(pauseNanos * 2, longestPauseNanos);
            nextProbe = System.nanoTime() + pauseNanos;
            notifyAll();
        }
    }

    /** An event gave up on EventBridge for now: so do all others, until a probe is answered. */
    public synchronized void trip(PublishFailure failure) {
        PutResult.Kind kind = failure.attempt().result().kind();
        boolean outage = kind == PutResult.Kind.UNAVAILABLE || kind == PutResult.Kind.UNANSWERED
                || kind == PutResult.Kind.MISCONFIGURED;
        if (outage && !tripped) {
            tripped = true;
            failedAt = System.nanoTime();
            pauseNanos = Math.min(FIRST_PAUSE_NANOS, longestPauseNanos);
            nextProbe = System.nanoTime() + pauseNanos;
        }
    }

    public synchronized boolean isOpen() {
        return tripped || missing != null;
    }

    /** Whether nothing is known to be wrong with EventBridge. */
    public synchronized boolean isWell() {
        return !isOpen() && misconfigured == null;
    }

    /** Whose turn it was made no call, so that the next one's comes soon. */
    public synchronized void turnUnused() {
        if (tripped) {
            tried = false;
            nextProbe = System.nanoTime() + FIRST_PAUSE_NANOS;
            notifyAll();
        }
    }

    /** Whether an event could be the probe, or the try, just now. */
    public synchronized boolean isTurn() {
        long now = System.nanoTime();
        return missing == null && (tripped && now - nextProbe >= 0 || worthATry && now - nextTry >= 0);
    }

    /** Whether it is time for a probe; the caller then makes it. */
    public synchronized boolean takeProbe() {
        long now = System.nanoTime();
        if (!tripped || missing != null || now - nextProbe < 0) {
            return false;
        }
        nextProbe = now + longestProbeNanos;
        tried = true;
        return true;
    }

    /** Nothing waits here that a probe could be made with. */
    public synchronized void nothingWaits() {
        long now = System.nanoTime();
        if ((tripped || misconfigured != null) && !worthATry && now - failedAt >= patienceNanos) {
            worthATry = true;
            tried = false;
            nextTry = now;
        }
    }

    /** Whether the event at hand is to show how EventBridge is now; the caller then tries it. */
    public synchronized boolean takeTry() {
        long now = System.nanoTime();
        if (!worthATry || missing != null || now - nextTry < 0) {
            return false;
        }
        nextTry = now + longestProbeNanos;
        nextProbe = nextTry;
        tried = true;
        return true;
    }

    /** Whether EventBridge, which failed, may be well again: the next event shows it. */
    public synchronized boolean isWorthATry() {
        return worthATry && missing == null;
    }

    /**
     * Waits until EventBridge is there again, or it is the caller's turn to probe, or so long at most.
     *
     * @return whether to send now
     */
    public synchronized boolean awaitTurn(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (tripped || missing != null) {
            long now = System.nanoTime();
            if (missing == null && now - nextProbe >= 0) {
                // the next one's turn comes when this probe has failed, or was never heard of again
                nextProbe = now + longestProbeNanos;
                tried = true;
                return true;
            }
            long wait = Math.min(end - now, missing == null ? nextProbe - now : longestPauseNanos);
            if (end - now <= 0) {
                return false;
            }
            wait(Math.max(1, wait / 1_000_000));
        }
        return true;
    }

    /**
     * Why the bus is known to be missing, or null. While it is, PutEvents would answer with success and lose the event.
     */
    public synchronized String missingReason() {
        return missing;
    }

    /** What an operator has to mend before anything can be published, or null. */
    public synchronized String misconfigurationReason() {
        return missing != null ? missing : worthATry ? null : misconfigured;
    }

    /** How the last call that was answered found EventBridge misconfigured; null where it did not. */
    public synchronized String lastMisconfiguration() {
        return misconfigured;
    }

    /** How EventBridge was found, in words fit for an operator. */
    public synchronized String state() {
        if (misconfigurationReason() != null) {
            return "misconfigured: " + misconfigurationReason();
        }
        if (misconfigured != null) {
            return "was misconfigured, and the next event shows whether it still is: " + misconfigured;
        }
        return !heard ? "not tried yet" : outOfReach == null ? "reachable" : outOfReach;
    }

    /** Why the last call did not reach EventBridge, or null. */
    public synchronized String outOfReachReason() {
        return outOfReach;
    }
}
