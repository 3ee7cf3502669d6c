package org.routingbridge.endurance;

import java.util.Locale;
import java.util.Map;

/**
 * What an attack cost, beside an honest sender.
 *
 * @param attackers what they were told
 * @param honest    all replies of the honest sender, those between the parts included
 */
record AttackReport(String attack, Phase before, Phase during, Phase after, Map<String, Integer> attackers,
                    Map<String, Integer> honest) {

    /**
     * One part of a run.
     *
     * @param replies       of the honest sender, by status and word
     * @param liveHeapBytes in the heap once it was collected, at its end
     * @param heapBytes     most in use at once; the others are the most at once too
     */
    record Phase(Map<String, Integer> replies, double p50Millis, double p99Millis, double maxMillis,
                 long liveHeapBytes, long heapBytes, long residentBytes, int threads, int descriptors,
                 boolean balanced) {

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "p50 %7.1f  p99 %7.1f  max %8.1f ms | heap %3d, collected %3d, resident "
                            + "%3d MB | %3d threads, %4d descriptors | %s%s", p50Millis, p99Millis, maxMillis,
                    heapBytes / 1_000_000, liveHeapBytes / 1_000_000, residentBytes / 1_000_000, threads, descriptors,
                    replies, balanced ? "" : " NOT BALANCED");
        }
    }

    @Override
    public String toString() {
        return attack + "; they were told " + attackers + "\n  before  " + before + "\n  during  " + during
                + "\n  after   " + after + "\n";
    }
}
