package org.routingbridge.outbox;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import org.routingbridge.store.StoredEvent;

/**
 * Which events of the outbox go next: in order of arrival, an ordering key's one after the other. An event that is not
 * due yet holds back those of its own key and nobody else. Only so many rows are in memory as the next requests need; a
 * key that waits has none there. Times are {@link System#nanoTime()}'s.
 */
final class Lanes {

    /** Where the rows come from. */
    interface Rows {

        /**
         * The rows behind this one, in order, until the visitor has enough.
         *
         * @return up to where there are no others; 0 where the visitor had enough before
         */
        long after(long seq, Visitor visitor);

        /** Whether rows of this key are ours to hand out, now. */
        default boolean isOurs(String orderingKey) {
            return true;
        }

        /** The first rows of a key between two places. */
        List<StoredEvent> ofKey(String orderingKey, long fromSeq, long toSeq, int most);
    }

    /** Takes a row; false where it has enough. */
    interface Visitor {
        boolean visit(long seq, String orderingKey, Loader row);
    }

    /** Reads a row that is wanted. */
    interface Loader {
        StoredEvent load();
    }

    private static final int MOST_ROWS = 1000;
    private static final long MOST_BYTES = 16L * 1024 * 1024;
    private static final int MOST_VISITED = 5000;
    private static final int ROWS_OF_A_KEY = 10;
    private static final int MOST_LANES = 100_000;
    private static final long NOTHING = -1;

    private enum State { READY, BUSY, HELD }

    /** The events of one key. */
    private static final class Lane {

        private final String key;
        private final Deque<StoredEvent> rows = new ArrayDeque<>();
        /** The first of its rows that is behind the cursor and not here. */
        private long more = NOTHING;
        /** Rows up to this one have been here and are not to come once more. */
        private long known = NOTHING;
        private State state = State.READY;
        /** Where it stands among those that are ready: at its first row, or before where that may be. */
        private long place;
        private long due;

        Lane(String key) {
            this.key = key;
        }

        long first() {
            return rows.isEmpty() ? more : rows.peek().seq();
        }
    }

    private final Rows source;
    private final LongSupplier nanoTime;
    private final LongSupplier steadyMillis;
    private final long longestPauseMillis;
    private final Map<String, Lane> lanes = new HashMap<>();
    private final TreeSet<Lane> ready =
            new TreeSet<>(Comparator.<Lane>comparingLong(lane -> lane.place).thenComparing(lane -> lane.key));
    private final PriorityQueue<Lane> held = new PriorityQueue<>(Comparator.comparingLong(lane -> lane.due));
    private long cursor;
    private volatile boolean moreBehind = true;
    private int rows;
    private long bytes;

    /**
     * @param steadyMillis       the time by which a row's due time is given
     * @param longestPauseMillis what an event of an earlier process waits at most, whatever its row says
     */
    Lanes(Rows source, LongSupplier nanoTime, LongSupplier steadyMillis, long longestPauseMillis) {
        this.source = source;
        this.nanoTime = nanoTime;
        this.steadyMillis = steadyMillis;
        this.longestPauseMillis = longestPauseMillis;
    }

    /** There are new rows. Whoever says so never waits for those who read. */
    void arrived() {
        moreBehind = true;
    }

    /**
     * The next ones to be tried, which are then under way until they {@link #left} or are {@link #postponed}. Where the
     * rows cannot be read just now, those that could; every key stays in its place.
     *
     * @throws RuntimeException what {@link Rows} throws, where none could be read
     */
    synchronized List<StoredEvent> next(int most) {
        letGoOfDue();
        if (ready.size() < most) {
            fill();
        }
        List<StoredEvent> next = new ArrayList<>();
        while (next.size() < most && !ready.isEmpty()) {
            Lane lane = ready.pollFirst();
            if (!source.isOurs(lane.key)) {
                remove(lane);
                continue;
            }
            if (lane.rows.isEmpty()) {
                try {
                    loadMore(lane);
                } catch (RuntimeException e) {
                    makeReady(lane);
                    if (next.isEmpty()) {
                        throw e;
                    }
                    return next;
                }
            }
            StoredEvent row = lane.rows.peek();
            if (row == null) {
                endOrGoOn(lane);
            } else {
                lane.state = State.BUSY;
                next.add(row);
            }
        }
        return next;
    }

    /** How long until a key that is held back is due; null where none is. */
    synchronized Long nanosUntilDue() {
        return held.isEmpty() ? null : Math.max(0, held.peek().due - nanoTime.getAsLong());
    }

    private void letGoOfDue() {
        long now = nanoTime.getAsLong();
        while (!held.isEmpty() && held.peek().due - now <= 0) {
            Lane lane = held.poll();
            makeReady(lane);
        }
    }

    private void makeReady(Lane lane) {
        lane.state = State.READY;
        lane.place = lane.first();
        ready.add(lane);
    }

    private void fill() {
        if (!moreBehind || rows >= MOST_ROWS || bytes >= MOST_BYTES || lanes.size() >= MOST_LANES) {
            return;
        }
        moreBehind = false;
        try {
            visitMore();
        } catch (RuntimeException e) {
            moreBehind = true;
            throw e;
        }
    }

    private void visitMore() {
        int[] visited = {0};
        long upTo = source.after(cursor, (seq, key, row) -> {
            if (rows >= MOST_ROWS || bytes >= MOST_BYTES || lanes.size() >= MOST_LANES || ++visited[0] > MOST_VISITED) {
                moreBehind = true;
                return false;
            }
            Lane lane = lanes.get(key);
            if (lane == null) {
                begin(key, row.load());
            } else if (lane.more == NOTHING && seq > lane.known) {
                if (lane.state != State.HELD && lane.rows.size() < ROWS_OF_A_KEY) {
                    add(lane, row.load());
                } else {
                    lane.more = seq;
                }
            }
            cursor = seq;
            return true;
        });
        // what is not ours is not looked through each time
        cursor = Math.max(cursor, upTo);
    }

    private void begin(String key, StoredEvent row) {
        Lane lane = new Lane(key);
        lanes.put(key, lane);
        long wait = Math.min(longestPauseMillis, row.dueAt() - steadyMillis.getAsLong());
        if (wait > 0) {
            lane.more = row.seq();
            hold(lane, nanoTime.getAsLong() + wait * 1_000_000);
        } else {
            add(lane, row);
            makeReady(lane);
        }
    }

    private void add(Lane lane, StoredEvent row) {
        lane.rows.add(row);
        rows++;
        bytes += row.text().length;
    }

    private StoredEvent poll(Lane lane) {
        StoredEvent row = lane.rows.poll();
        if (row != null) {
            rows--;
            bytes -= row.text().length;
        }
        return row;
    }

    private void remove(Lane lane) {
        while (!lane.rows.isEmpty()) {
            poll(lane);
        }
        lanes.remove(lane.key);
    }

    /**
     * Reads all rows again, since there may be some that were not ours before. What is under way stays so; what else
     * was read is read again.
     */
    synchronized void restart() {
        for (Lane lane : List.copyOf(lanes.values())) {
            if (lane.state == State.BUSY) {
                StoredEvent underWay = poll(lane);
                while (!lane.rows.isEmpty()) {
                    poll(lane);
                }
                lane.known = underWay.seq();
                lane.more = NOTHING;
                add(lane, underWay);
            } else {
                remove(lane);
            }
        }
        ready.clear();
        held.clear();
        cursor = 0;
        moreBehind = true;
    }

    /** Whether a row of such a key is under way. */
    synchronized boolean isUnderWay(Predicate<String> keys) {
        return lanes.values().stream().anyMatch(lane -> lane.state == State.BUSY && keys.test(lane.key));
    }

    /** Whether there is nothing at all, so far as is known. */
    synchronized boolean isEmpty() {
        return lanes.isEmpty() && !moreBehind;
    }

    private void loadMore(Lane lane) {
        List<StoredEvent> loaded = source.ofKey(lane.key, lane.more, cursor, ROWS_OF_A_KEY);
        loaded.forEach(row -> add(lane, row));
        lane.more = loaded.size() < ROWS_OF_A_KEY ? NOTHING : loaded.get(loaded.size() - 1).seq() + 1;
    }

    private void hold(Lane lane, long due) {
        lane.state = State.HELD;
        lane.due = due;
        held.add(lane);
    }

    /** This one is no longer in the outbox. */
    synchronized void left(StoredEvent row) {
        Lane lane = lanes.get(row.orderingKey());
        if (lane != null && lane.state == State.BUSY) {
            poll(lane);
            endOrGoOn(lane);
        }
    }

    private void endOrGoOn(Lane lane) {
        if (lane.rows.isEmpty() && lane.more == NOTHING) {
            lanes.remove(lane.key);
        } else {
            makeReady(lane);
        }
    }

    /** This one stays, and is to be tried again after so long. */
    synchronized void postponed(StoredEvent row, long nanos) {
        Lane lane = lanes.get(row.orderingKey());
        if (lane != null && lane.state == State.BUSY) {
            while (!lane.rows.isEmpty()) {
                poll(lane);
            }
            lane.more = row.seq();
            hold(lane, nanoTime.getAsLong() + nanos);
        }
    }

    /** Whether something could go now. */
    synchronized boolean hasReady() {
        letGoOfDue();
        return !ready.isEmpty() || moreBehind && rows < MOST_ROWS && bytes < MOST_BYTES && lanes.size() < MOST_LANES;
    }
}
