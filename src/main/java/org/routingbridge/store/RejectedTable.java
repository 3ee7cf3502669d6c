package org.routingbridge.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

import org.routingbridge.store.Books.Entry;

/** The table of refused events that an operator may want to take after all: the newest of them. */
public final class RejectedTable {

    /**
     * A refused event.
     *
     * @param seq          its place in the order of arrival
     * @param eventId      as received
     * @param text         the event's text in UTF-8
     * @param reason       why it was refused: the error's code, a colon, and words
     * @param receivedWall when it was received, in milliseconds since the epoch
     * @param atWall       when it was refused, likewise
     * @param isIntact     whether the row is what was written
     */
    public record Rejected(long seq, String eventId, byte[] text, String reason, long receivedWall, long atWall,
                           boolean isIntact) {

        public Rejected(long seq, String eventId, byte[] text, String reason, long receivedWall, long atWall) {
            this(seq, eventId, text, reason, receivedWall, atWall, true);
        }

        static Rejected read(ResultSet row) throws SQLException {
            byte[] text = row.getBytes(3);
            Rejected rejected = new Rejected(row.getLong(1), row.getString(2), text == null ? new byte[0] : text,
                    row.getString(4), row.getLong(5), row.getLong(6));
            return row.getLong(7) == rejected.checksum() ? rejected : rejected.damaged();
        }

        private Rejected damaged() {
            return new Rejected(seq, eventId, text, reason, receivedWall, atWall, false);
        }

        private long checksum() {
            return Checksum.of(seq, eventId, text, reason, receivedWall, atWall);
        }
    }

    static final String COLUMNS = "seq, event_id, event_text, reason, received_wall, at_wall, checksum, reason_code";
    private static final String SELECT = "select " + COLUMNS + " from rejected ";

    private RejectedTable() {
    }

    public static void insert(Session session, Rejected rejected) throws SQLException {
        session.change("insert into rejected (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?, ?)", rejected.seq(),
                rejected.eventId(), rejected.text(), rejected.reason(), rejected.receivedWall(), rejected.atWall(),
                rejected.checksum(), DeadLetter.codeOf(rejected.reason()));
        session.books().add(Entry.REJECTED_ROWS, 1).add(Entry.REJECTED_BYTES, OutboxTable.bytes(rejected.text()));
    }

    /** The oldest one has to make room; whether there was one. */
    public static boolean removeOldest(Session session) throws SQLException {
        return remove(session, "where seq = (select min(seq) from rejected)") > 0;
    }

    /** All of this id are gone. */
    public static void removeAll(Session session, String eventId) throws SQLException {
        remove(session, "where event_id = ?", eventId);
    }

    private static long remove(Session session, String which, Object... parameters) throws SQLException {
        List<Long> gone = session.list(row -> row.getLong(1) + OutboxTable.OVERHEAD_BYTES, "delete from rejected "
                + which + " returning length(event_text)", parameters);
        session.books().add(Entry.REJECTED_ROWS, -gone.size())
                .add(Entry.REJECTED_BYTES, -gone.stream().mapToLong(Long::longValue).sum());
        return gone.size();
    }

    /** The newest of this id, or null. */
    public static Rejected find(Session session, String eventId) throws SQLException {
        return session.first(Rejected::read, SELECT + "where event_id = ? order by seq desc limit 1", eventId);
    }

    /** The places of a page's rows, newest first. */
    public static List<Long> page(Session session, Selection selection, int limit, int offset) throws SQLException {
        return session.list(row -> row.getLong(1), "select seq from rejected where " + selection.condition()
                + " order by seq desc limit ? offset ?", selection.parameters(limit, offset));
    }

    /** A row by its place; null where it has gone meanwhile. */
    public static Rejected at(Session session, long seq) throws SQLException {
        return session.first(Rejected::read, SELECT + "where seq = ?", seq);
    }
}
