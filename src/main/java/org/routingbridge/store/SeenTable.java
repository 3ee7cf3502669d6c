package org.routingbridge.store;

import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

import org.routingbridge.store.Books.Entry;

/**
 * The table of accepted ids: written in their order and read once, at the start, since a process has them in memory. A
 * row holds all that were accepted between two writes, so that neither writing them down nor reading them costs a row
 * for each; it has no index, whose pages every id would change.
 */
public final class SeenTable {

    /** Rows that one transaction takes away at most. */
    private static final int STEP = 1_000;
    /** Of an id and when it was accepted. */
    private static final int ID_BYTES = 3 * Long.BYTES;

    /** An id, with when it was accepted by {@link SteadyClock}. */
    public record Accepted(UUID id, long at) {
    }

    /** Takes an id, with when it was accepted by {@link SteadyClock}. */
    @FunctionalInterface
    public interface Visitor {
        void visit(UUID id, long acceptedAt);
    }

    static final String COLUMNS = "seq, ids, accepted_at, checksum";

    private SeenTable() {
    }

    /** @param some at least one */
    public static void insert(Session session, long seq, List<Accepted> some) throws SQLException {
        ByteBuffer ids = ByteBuffer.allocate(some.size() * ID_BYTES);
        long newest = Long.MIN_VALUE;
        for (Accepted accepted : some) {
            ids.putLong(accepted.id().getMostSignificantBits()).putLong(accepted.id().getLeastSignificantBits())
                    .putLong(accepted.at());
            newest = Math.max(newest, accepted.at());
        }
        session.update("insert into seen (" + COLUMNS + ") values (?, ?, ?, ?)", seq, ids.array(), newest,
                Checksum.of(seq, ids.array(), newest));
        session.books().add(Entry.SEEN_ROWS, 1);
    }

    /** How many ids there are. */
    public static long count(Session session) throws SQLException {
        return session.number("select coalesce(sum(length(ids)), 0) from seen") / ID_BYTES;
    }

    /** Newest first, so that of an id that was accepted more than once the last time comes first. */
    public static void each(Session session, Visitor visitor) throws SQLException {
        session.each(row -> {
            if (isIntact(row)) {
                ByteBuffer ids = ByteBuffer.wrap(row.getBytes(2));
                for (int at = ids.limit() - ID_BYTES; at >= 0; at -= ID_BYTES) {
                    visitor.visit(new UUID(ids.getLong(at), ids.getLong(at + Long.BYTES)),
                            ids.getLong(at + 2 * Long.BYTES));
                }
            }
            return true;
        }, "select " + COLUMNS + " from seen order by seq desc");
    }

    static boolean isIntact(ResultSet row) throws SQLException {
        byte[] ids = row.getBytes(2);
        return ids != null && ids.length % ID_BYTES == 0
                && row.getLong(4) == Checksum.of(row.getLong(1), ids, row.getLong(3));
    }

    /** When the last id of the oldest row was accepted; the end of time where there is no row. */
    public static long oldest(Session session) throws SQLException {
        Long accepted = session.first(row -> row.getLong(1), "select accepted_at from seen order by seq limit 1");
        return accepted == null ? Long.MAX_VALUE : accepted;
    }

    /**
     * Some of those that were accepted before this time.
     *
     * @return how many ids
     */
    public static long expire(Session session, long before) throws SQLException {
        return remove(session, (row, removed) -> row.getLong(3) < before);
    }

    /**
     * Some of so many that are too many, by whole rows.
     *
     * @return how many ids
     */
    public static long removeOldest(Session session, long surplus) throws SQLException {
        return remove(session, (row, removed) -> removed < surplus);
    }

    /** Whether a row goes too, after so many ids. */
    @FunctionalInterface
    private interface Choice {
        boolean isToGo(ResultSet row, long removed) throws SQLException;
    }

    private static long remove(Session session, Choice choice) throws SQLException {
        long[] ids = {0};
        long[] last = {-1};
        session.each(row -> {
            if (!choice.isToGo(row, ids[0])) {
                return false;
            }
            ids[0] += row.getLong(2) / ID_BYTES;
            last[0] = row.getLong(1);
            return true;
        }, "select seq, length(ids), accepted_at from seen order by seq limit " + STEP);
        if (last[0] >= 0) {
            session.books().add(Entry.SEEN_ROWS, -session.update("delete from seen where seq <= ?", last[0]));
        }
        return ids[0];
    }
}
