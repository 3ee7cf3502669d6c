package org.routingbridge.benchmark;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

import org.HdrHistogram.Histogram;

/**
 * What came back.
 *
 * @param accepted    2xx in the measured time
 * @param outcomes    replies in the measured time by their status and the word in their body; {@code no reply} where the
 *                    connection broke or none came
 * @param latencies   of the 2xx in the measured time, in microseconds; of open loops from when the event was due, with what
 *                    had no reply as long as it was waited for
 * @param acceptedAll 2xx from the first event to the last
 * @param sentAll     events that were sent
 * @param overdue     events of an open loop that were due and not sent, since no connection was free
 * @param measured    how long was measured
 */
record LoadResult(long accepted, Map<String, Long> outcomes, Histogram latencies, long acceptedAll, long sentAll,
                  long overdue, Duration measured) {

    double perSecond() {
        return accepted / (measured.toNanos() / 1e9);
    }

    /** Events that had anything but a 2xx. */
    long notAccepted() {
        return outcomes.values().stream().mapToLong(Long::longValue).sum() - accepted + overdue;
    }

    Map<String, Long> sortedOutcomes() {
        return new TreeMap<>(outcomes);
    }

    double millisAt(double percentile) {
        return latencies.getTotalCount() == 0 ? 0 : latencies.getValueAtPercentile(percentile) / 1e3;
    }
}
