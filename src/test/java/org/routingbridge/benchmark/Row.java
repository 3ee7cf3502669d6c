package org.routingbridge.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What was measured of one server under one load.
 *
 * @param run              1 for the first; 0 for the medians of all
 * @param eventsPerSecond  2xx that came in the measured time
 * @param notAccepted      events that had any other reply or none, or could not even be sent in time
 * @param outcomes         replies by status and word
 * @param p50              milliseconds, as the other latencies
 * @param cpuPer1000       CPU seconds that the server's process and its descendants used for 1,000 events
 * @param peakMegabytes    most memory resident at once since the server started
 * @param entriesPerCall   of PutEvents
 * @param toldPercent      notifications that the data lake got in the measured time, of the events that were accepted
 *                         in it
 * @param otherPercent     of the machine's CPU time, used by anything but the server and the benchmark
 * @param loadMicros       CPU time of the load generator for an event
 * @param sinkMicros       CPU time of the sink for an event
 * @param lost             events that were answered 2xx and never came to EventBridge
 * @param tries            how often it was measured until others left it alone, or it was given up
 * @param settled          whether the server had settled under this load when it was measured
 * @param allocatedKb      heap allocated for an event; 0 where it was not looked at
 * @param databasePer1000  CPU seconds that the database used for 1,000 events; 0 where there is none
 */
record Row(String server, String load, int run, double eventsPerSecond, long notAccepted, Map<String, Long> outcomes,
           double p50, double p99, double p999, double max, double cpuPer1000, double peakMegabytes,
           double entriesPerCall,
           double toldPercent, double otherPercent, double loadMicros, double sinkMicros, long lost, int tries,
           boolean settled, double allocatedKb, double databasePer1000) {

    /** Of the machine's CPU time, in percent: a row where others used more than this is none to compare. */
    static final double MOST_OTHER = 5;

    /** Whether others used so much of the machine that its figures are not the server's own. */
    boolean isDisturbed() {
        return otherPercent > MOST_OTHER;
    }

    /** The same after so many tries, in which so much was lost together. */
    Row after(int triesInAll, long lostInAll) {
        return new Row(server, load, run, eventsPerSecond, notAccepted, outcomes, p50, p99, p999, max, cpuPer1000,
                peakMegabytes, entriesPerCall, toldPercent, otherPercent, loadMicros, sinkMicros, lostInAll,
                triesInAll, settled, allocatedKb, databasePer1000);
    }

    /**
     * Each figure's median by itself, of the rows that others did not disturb, or of all where there is none of those;
     * what must not be, such as a loss, is added up.
     */
    static Row median(List<Row> all) {
        List<Row> calm = all.stream().filter(row -> !row.isDisturbed()).toList();
        List<Row> rows = calm.isEmpty() ? all : calm;
        Row first = rows.get(0);
        Map<String, Long> outcomes = new TreeMap<>();
        rows.forEach(row -> row.outcomes.forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum)));
        return new Row(first.server, first.load, 0, median(rows, Row::eventsPerSecond),
                rows.stream().mapToLong(Row::notAccepted).sum(), outcomes,
                median(rows, Row::p50), median(rows, Row::p99),
                median(rows, Row::p999), median(rows, Row::max), median(rows, Row::cpuPer1000),
                median(rows, Row::peakMegabytes), median(rows, Row::entriesPerCall), median(rows, Row::toldPercent),
                median(rows, Row::otherPercent), median(rows, Row::loadMicros), median(rows, Row::sinkMicros),
                all.stream().mapToLong(Row::lost).sum(), all.stream().mapToInt(Row::tries).max().orElseThrow(),
                rows.stream().allMatch(Row::settled), median(rows, Row::allocatedKb),
                median(rows, Row::databasePer1000));
    }

    private static double median(List<Row> rows, ToDoubleFunction<Row> figure) {
        return median(rows.stream().mapToDouble(figure).toArray());
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
