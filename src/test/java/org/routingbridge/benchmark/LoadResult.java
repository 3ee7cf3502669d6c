package org.routingbridge.benchmark;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

import org.HdrHistogram.Histogram;

/**
 * What came back. A closed loop's measured events are those that were answered in the measured time, an open loop's
 * those that were due in it.
 *
 * @param accepted    2xx that came in the measured time
 * @param notAccepted measured events that had no 2xx
 * @param outcomes    of the measured events: replies by their status and the word in their body; {@code no reply}
 *                    where the connection broke or none came; {@code not sent} where no connection was free for one
 *                    that was due
 * @param latencies   of the measured events' 2xx, in microseconds; of open loops from when the event was due, with
 *                    what had no reply as long as it was waited for
 * @param acceptedAll 2xx from the first event to the last
 * @param sentAll     events that were sent
 * @param measured    how long was measured
 */
record LoadResult(long accepted, long notAccepted, Map<String, Long> outcomes, Histogram latencies, long acceptedAll,
                  long sentAll, Duration measured) {

    double perSecond() {
        return accepted / (measured.toNanos() / 1e9);
    }

    Map<String, Long> sortedOutcomes() {
        return new TreeMap<>(outcomes);
    }

    double millisAt(double percentile) {
        return latencies.getTotalCount() == 0 ? 0 : latencies.getValueAtPercentile(percentile) / 1e3;
    }
}
