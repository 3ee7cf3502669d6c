package org.routingbridge.store;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A row that waits for the data lake.
 *
 * @param seq          its place in the order of arrival
 * @param eventId      of the event that it tells of
 * @param text         what the data lake is to get, in UTF-8
 * @param receivedWall when it came here, in milliseconds since the epoch
 * @param enteredAt    the same by {@link SteadyClock}
 * @param dueAt        when it is to be tried next, by the same
 * @param attempts     made so far
 * @param reason       why the last one came to nothing
 * @param isIntact     whether the row is what was written
 */
public record StoredNotification(long seq, String eventId, byte[] text, long receivedWall, long enteredAt, long dueAt,
                                 int attempts, String reason, boolean isIntact) {

    static final String COLUMNS = "seq, event_id, event_text, received_wall, entered_at, due_at, attempts, reason,"
            + " checksum";

    static StoredNotification read(ResultSet row) throws SQLException {
        byte[] text = row.getBytes(3);
        StoredNotification notification = new StoredNotification(row.getLong(1), row.getString(2),
                text == null ? new byte[0] : text, row.getLong(4), row.getLong(5), row.getLong(6), row.getInt(7),
                row.getString(8), true);
        return row.getLong(9) == notification.checksum() ? notification : notification.damaged();
    }

    private StoredNotification damaged() {
        return new StoredNotification(seq, eventId, text, receivedWall, enteredAt, dueAt, attempts, reason, false);
    }

    long checksum() {
        return Checksum.of(seq, eventId, text, receivedWall, enteredAt, dueAt, attempts, reason);
    }

    /** Without the payload, which has no place in a log. */
    @Override
    public String toString() {
        return "StoredNotification[" + eventId + "]";
    }
}
