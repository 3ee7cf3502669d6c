package org.routingbridge.benchmark;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Whether a server has settled under a load: its compiler has next to nothing to do any more, and an event costs what
 * it did in the windows before. A server without a compiler that can be told from its other threads is judged by the
 * cost of an event alone.
 */
final class Settling {

    /** So many windows in a row have to be alike. */
    static final int WINDOWS = 3;
    /** How far the dearest of them may be from the cheapest. */
    static final double ALIKE = 0.05;
    /** Of one core, what the compiler may use in each of them. */
    static final double COMPILING = 0.05;
    /** What the system counts CPU time by, which the cost of few events is no more exact than. */
    private static final double TICK_SECONDS = 0.01;

    /**
     * A stretch of a load.
     *
     * @param seconds         how long it was
     * @param events          answered 2xx in it
     * @param cpuSeconds      what the server used
     * @param compilerSeconds what its compiler used of that
     */
    record Window(double seconds, long events, double cpuSeconds, double compilerSeconds) {

        private double perEvent(double ticks) {
            return Math.max(0, cpuSeconds + ticks * TICK_SECONDS) / events;
        }
    }

    private final Deque<Window> last = new ArrayDeque<>();

    void add(Window window) {
        last.add(window);
        if (last.size() > WINDOWS) {
            last.remove();
        }
    }

    boolean isSettled() {
        return last.size() == WINDOWS && last.stream().allMatch(window -> window.events() > 0
                && window.compilerSeconds() <= COMPILING * window.seconds()) && areAlike();
    }

    private boolean areAlike() {
        double dearest = last.stream().mapToDouble(window -> window.perEvent(-1)).max().orElseThrow();
        double cheapest = last.stream().mapToDouble(window -> window.perEvent(1)).min().orElseThrow();
        return dearest <= cheapest * (1 + ALIKE);
    }
}
