package org.routingbridge.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How much there is of everything in the store, and what has gone through the outbox since there is one. The counts
 * change in the transaction that changes the rows they count.
 *
 * @param counts by {@link Entry}'s order
 */
public record Books(long... counts) {

    /** What is counted. */
    public enum Entry {
        /** Events that ever came into the outbox. */
        ENTERED,
        /** Events that left the outbox for the bus. */
        PUBLISHED,
        /** Events that left the outbox otherwise: as dead letters, or found damaged or missing. */
        DEAD_LETTERED,
        OUTBOX_ROWS,
        OUTBOX_BYTES,
        NOTIFICATION_ROWS,
        NOTIFICATION_BYTES,
        DEAD_LETTER_ROWS,
        DEAD_LETTER_BYTES,
        REJECTED_ROWS,
        REJECTED_BYTES,
        SEEN_ROWS,
        /** Transactions committed. */
        COMMITS;

        String column() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    static final Entry[] ENTRIES = Entry.values();
    static final String COLUMNS = Arrays.stream(ENTRIES).map(Entry::column).collect(Collectors.joining(", "))
            + ", steady_millis, wall_millis, nano_time, boot_id, checksum";
    static final Books EMPTY = new Books(new long[ENTRIES.length]);

    public long of(Entry entry) {
        return counts[entry.ordinal()];
    }

    /** What {@code bridge.outbox.max.bytes} counts (contract, section 2). */
    public long bytes() {
        return of(Entry.OUTBOX_BYTES) + of(Entry.NOTIFICATION_BYTES) + of(Entry.DEAD_LETTER_BYTES);
    }

    Books plus(Change change) {
        long[] sum = counts.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += change.counts[i];
        }
        return new Books(sum);
    }

    Books plus(Books more) {
        long[] sum = counts.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += more.counts[i];
        }
        return new Books(sum);
    }

    /** What stands in the row of them, in the order of {@link #COLUMNS}, with the time of their last change. */
    Object[] row(SteadyClock.Mark mark) {
        return Stream.of(Arrays.stream(counts).boxed(), Stream.of(mark.steadyMillis(), mark.wallMillis(),
                mark.nanoTime(), mark.bootId(), checksum(mark))).flatMap(some -> some).toArray();
    }

    private long checksum(SteadyClock.Mark mark) {
        return Checksum.of(Stream.concat(Arrays.stream(counts).boxed(), Stream.of(mark.steadyMillis(),
                mark.wallMillis(), mark.nanoTime(), mark.bootId())).toArray());
    }

    /** By the order of {@link #COLUMNS}; null where the row is not what was written. */
    static Books read(ResultSet row) throws SQLException {
        long[] counts = new long[ENTRIES.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = row.getLong(i + 1);
        }
        Books books = new Books(counts);
        return books.checksum(mark(row)) == row.getLong(counts.length + 5) ? books : null;
    }

    static SteadyClock.Mark mark(ResultSet row) throws SQLException {
        int after = ENTRIES.length;
        return new SteadyClock.Mark(row.getLong(after + 1), row.getLong(after + 2), row.getLong(after + 3),
                row.getString(after + 4));
    }

    /** What one transaction adds to the books. */
    public static final class Change {

        private final long[] counts = new long[ENTRIES.length];

        public Change add(Entry entry, long more) {
            counts[entry.ordinal()] += more;
            return this;
        }

        public long of(Entry entry) {
            return counts[entry.ordinal()];
        }

        void clear() {
            Arrays.fill(counts, 0);
        }
    }
}
