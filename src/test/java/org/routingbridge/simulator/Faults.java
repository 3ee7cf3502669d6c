package org.routingbridge.simulator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * The faults EventBridge is to show, set by a test while it runs.
 *
 * <p>For each call the first that applies counts, in this order: a fault for an event that is among its entries, the
 * next one in the queue, the standing one, a random one. A fault of an entry from the queue strikes the call's first
 * entry, a standing one strikes them all.
 */
public final class Faults {

    private final Deque<Fault> next = new ArrayDeque<>();
    private final Map<String, Deque<Fault>> byEventId = new HashMap<>();
    private Fault always;
    private Random dice;
    private Map<Fault, Double> probabilities = Map.of();

    /** One call is struck. */
    public Faults next(Fault fault) {
        return next(1, fault);
    }

    /** The next calls are struck, after those that were already queued for. */
    public synchronized Faults next(int calls, Fault fault) {
        for (int i = 0; i < calls; i++) {
            next.add(fault);
        }
        return this;
    }

    /** All calls are struck, or all entries where the fault is an entry's. */
    public synchronized Faults always(Fault fault) {
        always = fault;
        return this;
    }

    /**
     * The event with this {@code detail.id} is struck the next times it comes; where the fault is not an entry's, the
     * whole call is that the event comes in.
     */
    public synchronized Faults forEventId(String eventId, int times, Fault fault) {
        Deque<Fault> queue = byEventId.computeIfAbsent(eventId, ignored -> new ArrayDeque<>());
        for (int i = 0; i < times; i++) {
            queue.add(fault);
        }
        return this;
    }

    /**
     * Calls and entries are struck by chance: one throw for each call among the faults that are not an entry's, one for
     * each entry among those that are.
     *
     * @param seed          the same seed makes the same throws
     * @param probabilities from 0 to 1 for each fault
     */
    public synchronized Faults random(long seed, Map<Fault, Double> probabilities) {
        this.dice = new Random(seed);
        // Sorted, so that the same seed means the same faults whatever map it came in.
        this.probabilities = new TreeMap<>(probabilities);
        return this;
    }

    /** How many calls are still to be struck by those that were queued. */
    public synchronized int left() {
        return next.size();
    }

    /** No more faults of any kind. */
    public synchronized Faults none() {
        next.clear();
        byEventId.clear();
        always = null;
        dice = null;
        probabilities = Map.of();
        return this;
    }

    /** What happens to the call with these events, an empty id standing for an entry without one. */
    synchronized Plan plan(List<String> eventIds) {
        Fault[] entries = new Fault[eventIds.size()];
        Fault call = null;
        for (int i = 0; i < entries.length; i++) {
            Fault own = pollFor(eventIds.get(i));
            if (own != null && own.strikesEntry()) {
                entries[i] = own;
            } else if (own != null) {
                call = own;
            }
        }
        if (call == null) {
            call = applyToAll(entries);
        }
        return new Plan(call, entries);
    }

    private Fault applyToAll(Fault[] entries) {
        Fault queued = next.poll();
        if (queued != null) {
            if (!queued.strikesEntry()) {
                return queued;
            }
            strike(entries, 0, queued);
            return null;
        }
        if (always != null) {
            if (!always.strikesEntry()) {
                return always;
            }
            for (int i = 0; i < entries.length; i++) {
                strike(entries, i, always);
            }
            return null;
        }
        if (dice != null) {
            for (int i = 0; i < entries.length; i++) {
                strike(entries, i, throwDice(true));
            }
            return throwDice(false);
        }
        return null;
    }

    private static void strike(Fault[] entries, int index, Fault fault) {
        if (index < entries.length && entries[index] == null) {
            entries[index] = fault;
        }
    }

    private Fault throwDice(boolean forEntry) {
        double thrown = dice.nextDouble();
        double sum = 0;
        for (Map.Entry<Fault, Double> candidate : probabilities.entrySet()) {
            if (candidate.getKey().strikesEntry() == forEntry) {
                sum += candidate.getValue();
                if (thrown < sum) {
                    return candidate.getKey();
                }
            }
        }
        return null;
    }

    private Fault pollFor(String eventId) {
        Deque<Fault> queue = byEventId.get(eventId);
        return queue == null ? null : queue.poll();
    }

    /**
     * @param call    the fault of the whole call, null for none
     * @param entries for each entry its fault, null for none
     */
    record Plan(Fault call, Fault[] entries) {
    }
}
