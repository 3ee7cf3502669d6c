package org.routingbridge.store;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A row that waits for EventBridge.
 *
 * @param seq             its place in the order of arrival
 * @param eventId         as received
 * @param orderingKey     events with the same one go out one after the other
 * @param text            the event's text in UTF-8
 * @param about           what else the bridge knows of the event, as JSON
 * @param receivedWall    when the event was received, in milliseconds since the epoch
 * @param enteredAt       when it came here, by {@link SteadyClock}
 * @param dueAt           when it is to be tried next, by the same
 * @param attempts        made so far
 * @param aloneFailures   of these, so many in which EventBridge failed on this event alone
 * @param acceptedEntries of a chunked event, the entries that EventBridge has, as a JSON array of their indexes
 * @param reason          why the last attempt came to nothing; empty where there was none
 * @param isIntact        whether the row is what was written
 */
public record StoredEvent(long seq, String eventId, String orderingKey, byte[] text, String about, long receivedWall,
                          long enteredAt, long dueAt, int attempts, int aloneFailures, String acceptedEntries,
                          String reason, boolean isIntact) {

    static final String COLUMNS = "seq, event_id, ordering_key, event_text, about, received_wall, entered_at, due_at,"
            + " attempts, alone_failures, accepted_entries, reason, checksum, reason_code";

    static StoredEvent read(ResultSet row) throws SQLException {
        byte[] text = row.getBytes(4);
        StoredEvent event = new StoredEvent(row.getLong(1), row.getString(2), row.getString(3),
                text == null ? new byte[0] : text, row.getString(5), row.getLong(6), row.getLong(7), row.getLong(8),
                row.getInt(9), row.getInt(10), row.getString(11), row.getString(12), true);
        return row.getLong(13) == event.checksum() ? event : event.damaged();
    }

    private StoredEvent damaged() {
        return new StoredEvent(seq, eventId, orderingKey, text, about, receivedWall, enteredAt, dueAt, attempts,
                aloneFailures, acceptedEntries, reason, false);
    }

    long checksum() {
        return Checksum.of(seq, eventId, orderingKey, text, about, receivedWall, enteredAt, dueAt, attempts,
                aloneFailures, acceptedEntries, reason);
    }

    /** Without the payload, which has no place in a log. */
    @Override
    public String toString() {
        return "StoredEvent[" + eventId + "]";
    }
}
