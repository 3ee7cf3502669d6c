package org.routingbridge.store;

import java.sql.SQLException;
import java.util.List;

import org.routingbridge.store.Books.Entry;

/** The table of notifications that wait for the data lake. */
public final class NotificationTable {

    private static final String SELECT = "select " + StoredNotification.COLUMNS + " from notification ";

    private NotificationTable() {
    }

    public static void insert(Session session, StoredNotification notification) throws SQLException {
        session.change("insert into notification (" + StoredNotification.COLUMNS
                        + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                notification.seq(), notification.eventId(), notification.text(), notification.receivedWall(),
                notification.enteredAt(), notification.dueAt(), notification.attempts(), notification.reason(),
                notification.checksum());
        session.books().add(Entry.NOTIFICATION_ROWS, 1)
                .add(Entry.NOTIFICATION_BYTES, OutboxTable.bytes(notification.text()));
    }

    /** The data lake has it, or it is a dead letter. */
    public static void remove(Session session, StoredNotification notification) throws SQLException {
        session.change("delete from notification where seq = ?", rows -> session.books()
                .add(Entry.NOTIFICATION_ROWS, -rows)
                .add(Entry.NOTIFICATION_BYTES, -rows * OutboxTable.bytes(notification.text())), notification.seq());
    }

    /** It stays and is tried again later. */
    public static void postpone(Session session, StoredNotification notification) throws SQLException {
        session.change("update notification set due_at = ?, attempts = ?, reason = ?, checksum = ? where seq = ?",
                notification.dueAt(), notification.attempts(), notification.reason(),
                notification.isIntact() ? notification.checksum() : Checksum.KNOWN_DAMAGED, notification.seq());
    }

    /** Whether it is there and its time has come. */
    public static boolean isDue(Session session, long seq, long now) throws SQLException {
        return session.first(row -> 1, "select 1 from notification where seq = ? and due_at <= ?", seq, now) != null;
    }

    /** Those whose time has come, the one that waits longest first. */
    public static List<StoredNotification> due(Session session, long now, int most) throws SQLException {
        return session.list(StoredNotification::read, SELECT + "where due_at <= ? order by due_at limit ?", now, most);
    }

    /** Those of some slots alone, where several bridges share the store. */
    public static List<StoredNotification> due(Session session, long now, long slots, int most) throws SQLException {
        return session.list(StoredNotification::read, SELECT
                + "where due_at <= ? and (cast(? as bigint) >> slot) & 1 = 1 order by due_at limit ?", now, slots,
                most);
    }
}
