package org.routingbridge.store;

import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;

import org.routingbridge.store.Books.Entry;

/** The table of dead letters. */
public final class DeadLetterTable {

    private static final String SELECT = "select " + DeadLetter.COLUMNS + " from dead_letter ";

    private DeadLetterTable() {
    }

    public static void insert(Session session, DeadLetter letter) throws SQLException {
        session.change("insert into dead_letter (" + DeadLetter.COLUMNS
                        + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                letter.seq(), letter.listedId(), letter.eventId(), letter.orderingKey(), letter.text(), letter.about(),
                letter.receivedWall(), letter.atWall(), letter.atSteady(), letter.reasonCode(), letter.reason(),
                letter.attempts(), letter.checksum());
        session.books().add(Entry.DEAD_LETTER_ROWS, 1).add(Entry.DEAD_LETTER_BYTES, OutboxTable.bytes(letter.text()));
    }

    /** An event leaves the outbox for here. */
    public static void insertFromOutbox(Session session, StoredEvent event, DeadLetter letter) throws SQLException {
        OutboxTable.deadLettered(session, event);
        insert(session, letter);
    }

    /** A notification is given up on. */
    public static void insertFromNotifications(Session session, StoredNotification notification, DeadLetter letter)
            throws SQLException {
        NotificationTable.remove(session, notification);
        insert(session, letter);
    }

    /** @return whether it was there */
    public static boolean remove(Session session, DeadLetter letter) throws SQLException {
        if (session.update("delete from dead_letter where seq = ?", letter.seq()) == 0) {
            return false;
        }
        session.books().add(Entry.DEAD_LETTER_ROWS, -1).add(Entry.DEAD_LETTER_BYTES, -OutboxTable.bytes(letter.text()));
        return true;
    }

    /** The newest of this id, or null. */
    public static DeadLetter find(Session session, String listedId) throws SQLException {
        return session.first(DeadLetter::read, SELECT + "where listed_id = ? order by seq desc limit 1", listedId);
    }

    /** The places of a page's rows, newest first, without reading a row. */
    public static List<Long> page(Session session, Selection selection, int limit, int offset) throws SQLException {
        return session.list(row -> row.getLong(1), "select seq from dead_letter where " + selection.condition()
                + " order by at_steady desc, seq desc limit ? offset ?", selection.parameters(limit, offset));
    }

    /** A row by its place; null where it has gone meanwhile. */
    public static DeadLetter at(Session session, long seq) throws SQLException {
        return session.first(DeadLetter::read, SELECT + "where seq = ?", seq);
    }

    /** Oldest first, up to the row that was the newest when it began. */
    public static List<DeadLetter> next(Session session, Selection selection, long afterSeq, long toSeq, int most)
            throws SQLException {
        return session.list(DeadLetter::read, SELECT + "where " + selection.condition()
                + " and seq > ? and seq <= ? order by seq limit ?", selection.parameters(afterSeq, toSeq, most));
    }

    /** The place of the newest; 0 where there is none. */
    public static long newest(Session session) throws SQLException {
        return session.number("select coalesce(max(seq), 0) from dead_letter");
    }

    public static long count(Session session, Selection selection) throws SQLException {
        return session.number("select count(*) from dead_letter where " + selection.condition(),
                selection.parameters());
    }

    /** Whether the event of this id is here; what is damaged is not it any more. */
    public static boolean holds(Session session, String eventId) throws SQLException {
        return session.list(row -> DeadLetter.read(row).isDamaged(), SELECT + "where listed_id = ?", eventId)
                .contains(false);
    }

    public static void eachId(Session session, Consumer<String> visitor) throws SQLException {
        session.each(row -> {
            visitor.accept(row.getString(1));
            return true;
        }, "select listed_id from dead_letter");
    }
}
