package org.routingbridge.crash;

import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.routingbridge.simulator.EventBridgeSimulator;
import org.routingbridge.simulator.Fault;

/**
 * EventBridge's bad days in a few minutes: it throttles, breaks, resets connections before and after it took what came
 * on them, goes away and comes back, one after the other as a seed has it.
 */
final class Weather implements AutoCloseable {

    private static final int SHORTEST_MILLIS = 500;
    private static final int LONGEST_MILLIS = 4_000;

    private final EventBridgeSimulator bus;
    private final Random dice;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private boolean away;
    private boolean settled;
    private int outages;

    Weather(EventBridgeSimulator bus, long seed) {
        this.bus = bus;
        dice = new Random(seed);
    }

    void start() {
        change();
    }

    private synchronized void change() {
        if (settled) {
            return;
        }
        clear();
        switch (dice.nextInt(10)) {
            case 0 -> faults(Map.of(Fault.THROTTLE_ENTRY, 0.3, Fault.THROTTLE_REQUEST, 0.2));
            case 1 -> faults(Map.of(Fault.RESET_BEFORE, 0.3));
            case 2 -> faults(Map.of(Fault.RESET_AFTER, 0.3));
            case 3 -> faults(Map.of(Fault.SERVER_ERROR, 0.3, Fault.INTERNAL_FAILURE_ENTRY, 0.05));
            case 4, 5 -> {
                bus.goAway();
                away = true;
                outages++;
            }
            default -> { }
        }
        clock.schedule(this::change, SHORTEST_MILLIS + dice.nextInt(LONGEST_MILLIS - SHORTEST_MILLIS),
                TimeUnit.MILLISECONDS);
    }

    private void faults(Map<Fault, Double> probabilities) {
        bus.faults().random(dice.nextLong(), probabilities);
    }

    private void clear() {
        bus.faults().none();
        if (away) {
            bus.comeBack();
            away = false;
        }
    }

    /** From now on EventBridge is there and well. */
    synchronized void settle() {
        settled = true;
        clear();
    }

    /** How often it was away. */
    synchronized int outages() {
        return outages;
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
