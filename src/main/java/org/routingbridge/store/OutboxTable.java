package org.routingbridge.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;

import org.routingbridge.store.Books.Entry;

/** The table of events that wait for EventBridge. */
public final class OutboxTable {

    /** What a row takes beside the event's text, about. */
    public static final int OVERHEAD_BYTES = 1024;

    private static final String SELECT = "select " + StoredEvent.COLUMNS + " from outbox ";

    /** Takes a row; false ends the reading. */
    @FunctionalInterface
    public interface Visitor {

        /** @param row reads the whole of it, as long as the visit lasts */
        boolean visit(long seq, String orderingKey, Supplier<StoredEvent> row);
    }

    private OutboxTable() {
    }

    public static void insert(Session session, StoredEvent event) throws SQLException {
        put(session, event);
        session.books().add(Entry.ENTERED, 1);
    }

    private static void put(Session session, StoredEvent event) throws SQLException {
        session.change("insert into outbox (" + StoredEvent.COLUMNS
                        + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                event.seq(), event.eventId(), event.orderingKey(), event.text(), event.about(), event.receivedWall(),
                event.enteredAt(), event.dueAt(), event.attempts(), event.aloneFailures(), event.acceptedEntries(),
                event.reason(), event.checksum(), DeadLetter.codeOf(event.reason()));
        session.books().add(Entry.OUTBOX_ROWS, 1).add(Entry.OUTBOX_BYTES, bytes(event.text()));
    }

    public static long bytes(byte[] text) {
        return (long) text.length + OVERHEAD_BYTES;
    }

    /** The event is on the bus. */
    public static void published(Session session, StoredEvent event) throws SQLException {
        remove(session, event, Entry.PUBLISHED);
    }

    /** The event goes elsewhere than to the bus. */
    static void deadLettered(Session session, StoredEvent event) throws SQLException {
        remove(session, event, Entry.DEAD_LETTERED);
    }

    private static void remove(Session session, StoredEvent event, Entry to) throws SQLException {
        session.change("delete from outbox where seq = ?", rows -> session.books().add(to, rows)
                .add(Entry.OUTBOX_ROWS, -rows).add(Entry.OUTBOX_BYTES, -rows * bytes(event.text())), event.seq());
    }

    /** The event stays and is tried again later. One that is damaged stays so. */
    public static void postpone(Session session, StoredEvent event) throws SQLException {
        session.change("update outbox set due_at = ?, attempts = ?, alone_failures = ?, accepted_entries = ?,"
                + " reason = ?, reason_code = ?, checksum = ? where seq = ?", event.dueAt(), event.attempts(),
                event.aloneFailures(), event.acceptedEntries(), event.reason(), DeadLetter.codeOf(event.reason()),
                event.isIntact() ? event.checksum() : Checksum.KNOWN_DAMAGED, event.seq());
    }

    /** In order of arrival; read as far as the visitor goes. */
    public static void after(Session session, long seq, Visitor visitor) throws SQLException {
        session.each(row -> visitor.visit(row.getLong(1), row.getString(3), () -> read(row)),
                SELECT + "where seq > ? order by seq", seq);
    }

    /** Those of some slots alone, where several bridges share the store. */
    public static void after(Session session, long seq, long slots, Visitor visitor) throws SQLException {
        session.each(row -> visitor.visit(row.getLong(1), row.getString(3), () -> read(row)), SELECT
                + "where seq > ? and (cast(? as bigint) >> slot) & 1 = 1 order by seq", seq, slots);
    }

    private static StoredEvent read(ResultSet row) {
        try {
            return StoredEvent.read(row);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public static List<StoredEvent> ofKey(Session session, String orderingKey, long fromSeq, long toSeq, int most)
            throws SQLException {
        return session.list(StoredEvent::read, SELECT
                + "where ordering_key = ? and seq >= ? and seq <= ? order by seq limit ?", orderingKey, fromSeq, toSeq,
                most);
    }

    /** Each key that is there, with the number of its rows. */
    public static void eachKey(Session session, ObjIntConsumer<String> visitor) throws SQLException {
        session.each(row -> {
            visitor.accept(row.getString(1), row.getInt(2));
            return true;
        }, "select ordering_key, count(*) from outbox group by ordering_key");
    }

    /** When the first in order of arrival came, by {@link SteadyClock}; null where there is none. */
    public static Long oldest(Session session) throws SQLException {
        return session.first(row -> row.getLong(1), "select entered_at from outbox order by seq limit 1");
    }

    /** The place of the newest; 0 where there is none. */
    public static long newest(Session session) throws SQLException {
        return session.number("select coalesce(max(seq), 0) from outbox");
    }

    public static boolean holdsKey(Session session, String orderingKey) throws SQLException {
        return session.first(row -> 1, "select 1 from outbox where ordering_key = ? limit 1", orderingKey) != null;
    }

    public static boolean holds(Session session, String eventId) throws SQLException {
        return session.first(row -> 1, "select 1 from outbox where event_id = ? limit 1", eventId) != null;
    }

    public static void eachId(Session session, Consumer<String> visitor) throws SQLException {
        session.each(row -> {
            visitor.accept(row.getString(1));
            return true;
        }, "select event_id from outbox");
    }

    /** The places of a page's rows, oldest first. */
    public static List<Long> page(Session session, Selection selection, int limit, int offset) throws SQLException {
        return session.list(row -> row.getLong(1), "select seq from outbox where " + selection.condition()
                + " order by seq limit ? offset ?", selection.parameters(limit, offset));
    }

    /** A row by its place; null where it has gone meanwhile. */
    public static StoredEvent at(Session session, long seq) throws SQLException {
        return session.first(StoredEvent::read, SELECT + "where seq = ?", seq);
    }
}
