package org.routingbridge.deadletter;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import org.routingbridge.failure.FailureText;
import org.routingbridge.failure.LastingFault;
import org.routingbridge.metrics.BridgeMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why there are dead letters: each is counted by its reason's code, and the first of a code in an hour is logged. */
public final class DeadLetterReasons {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterReasons.class);
    private static final Duration QUIET = Duration.ofHours(1);
    /** Codes come from outside; those that are more share what is told. */
    private static final int MOST_CODES = 50;
    private static final String OTHER = "other";

    private final BridgeMetrics metrics;
    private final LongSupplier nanoTime;
    private final Map<String, LastingFault> told = new ConcurrentHashMap<>();

    public DeadLetterReasons(BridgeMetrics metrics) {
        this(metrics, System::nanoTime);
    }

    DeadLetterReasons(BridgeMetrics metrics, LongSupplier nanoTime) {
        this.metrics = metrics;
        this.nanoTime = nanoTime;
    }

    /**
     * There is one more dead letter.
     *
     * @param listedId the id it is listed under (contract, section 8)
     * @param reason   begins with its code and a colon, or is one
     */
    public void entered(String listedId, String reason) {
        metrics.deadLettered(reason);
        if (fault(code(reason)).isToBeTold()) {
            LOG.warn("There is a dead letter, the first for its reason within an hour; mend the reason, then replay it"
                    + " by the management port id={} reason={}", FailureText.fit(listedId), FailureText.fit(reason));
        }
    }

    private LastingFault fault(String code) {
        String key = told.size() < MOST_CODES || told.containsKey(code) ? code : OTHER;
        return told.computeIfAbsent(key, added -> new LastingFault(QUIET, nanoTime));
    }

    private static String code(String reason) {
        int colon = reason.indexOf(':');
        return colon < 0 ? reason : reason.substring(0, colon);
    }
}
