package org.routingbridge.endurance;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.Fault;

/**
 * The neighbours' bad days, one after the other with a calm before each: what real services do. Each fault comes once a
 * round; none of them makes it right to answer an event otherwise than by 2xx.
 */
final class FaultCalendar implements AutoCloseable {

    private static final Duration SLOW = Duration.ofMillis(300);
    /** Of a slot, for a fault; the rest of it is calm. */
    private static final double SHORTEST_SHARE = 0.4;
    private static final double LONGEST_SHARE = 0.8;

    /** Something that goes wrong, and how it is put right. */
    private record Trouble(String name, Runnable begin, Runnable end) {
    }

    /** One that has come and gone, by the bridge's age. */
    record Spell(String name, Duration from, Duration to) {
    }

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final List<Spell> spells = new CopyOnWriteArrayList<>();
    private final Random dice;
    private final List<Trouble> troubles;
    private volatile String current = "calm";

    FaultCalendar(BridgeSite site, long seed) {
        dice = new Random(seed);
        troubles = List.of(
                new Trouble("EventBridge throttles 30 % of the entries",
                        () -> site.bus().faults().random(seed, Map.of(Fault.THROTTLE_ENTRY, 0.3)),
                        () -> site.bus().faults().none()),
                new Trouble("data lake hangs", () -> site.dataLake().trouble().alwaysHang(), () -> {
                    site.dataLake().trouble().none();
                    site.dataLake().releaseHanging();
                }),
                new Trouble("EventBridge is slow", () -> site.bus().latency(SLOW),
                        () -> site.bus().latency(Duration.ZERO)),
                new Trouble("CXone is away", () -> site.cxone().goAway(), () -> site.cxone().comeBack()),
                new Trouble("data lake answers 401", () -> site.dataLake().trouble().always(401),
                        () -> site.dataLake().trouble().none()),
                new Trouble("EventBridge fails 5 % of the entries",
                        () -> site.bus().faults().random(seed, Map.of(Fault.INTERNAL_FAILURE_ENTRY, 0.05)),
                        () -> site.bus().faults().none()),
                new Trouble("data lake is away", () -> site.dataLake().goAway(), () -> site.dataLake().comeBack()),
                new Trouble("EventBridge is away", () -> site.bus().goAway(), () -> site.bus().comeBack()));
    }

    /** Plans all of them for a run of this length, from now. */
    void start(Patient bridge, Duration length, int rounds) {
        Duration began = bridge.age();
        long slot = length.toNanos() / rounds / troubles.size();
        for (int i = 0; i < rounds * troubles.size(); i++) {
            Trouble trouble = troubles.get(i % troubles.size());
            long end = slot * (i + 1);
            long begin = end - (long) (slot * (SHORTEST_SHARE + dice.nextDouble() * (LONGEST_SHARE - SHORTEST_SHARE)));
            clock.schedule(() -> {
                current = trouble.name();
                trouble.begin().run();
            }, begin, TimeUnit.NANOSECONDS);
            clock.schedule(() -> {
                trouble.end().run();
                spells.add(new Spell(trouble.name(), began.plusNanos(begin), bridge.age()));
                current = "calm";
            }, end, TimeUnit.NANOSECONDS);
        }
    }

    /** How many different ones there are. */
    int kinds() {
        return troubles.size();
    }

    /** What goes wrong just now. */
    String current() {
        return current;
    }

    /** Those that are over. */
    List<Spell> spells() {
        return List.copyOf(spells);
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
