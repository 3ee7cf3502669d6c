package org.routingbridge.store;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * What will not be taken: an event by EventBridge, or a notification by the data lake.
 *
 * @param seq          its place in the order of arrival
 * @param listedId     the id it is listed under (contract, section 8)
 * @param eventId      as received
 * @param orderingKey  of an event; empty for a notification
 * @param text         the event's text, or what the data lake was to get, in UTF-8
 * @param about        what else the bridge knows of an event, as JSON; empty for a notification
 * @param receivedWall when the event was received, in milliseconds since the epoch
 * @param atWall       when it became a dead letter, likewise
 * @param atSteady     the same by {@link SteadyClock}
 * @param reasonCode   the reason's first word, by which letters are chosen
 * @param reason       why it is not taken
 * @param attempts     made before
 * @param isIntact     whether the row is what was written
 */
public record DeadLetter(long seq, String listedId, String eventId, String orderingKey, byte[] text, String about,
                         long receivedWall, long atWall, long atSteady, String reasonCode, String reason, int attempts,
                         boolean isIntact) {

    /** What tells a notification's id from its event's (contract, section 8). */
    public static final String NOTIFICATION_PREFIX = "datalake-";

    private static final String DAMAGED = "damaged";

    static final String COLUMNS = "seq, listed_id, event_id, ordering_key, event_text, about, received_wall, at_wall,"
            + " at_steady, reason_code, reason, attempts, checksum";

    public DeadLetter(long seq, String listedId, String eventId, String orderingKey, byte[] text, String about,
                      long receivedWall, long atWall, long atSteady, String reason, int attempts) {
        this(seq, listedId, eventId, orderingKey, text, about, receivedWall, atWall, atSteady, codeOf(reason), reason,
                attempts, true);
    }

    /** What stands before the colon. */
    static String codeOf(String reason) {
        int colon = reason.indexOf(':');
        return colon < 0 ? reason : reason.substring(0, colon);
    }

    static DeadLetter read(ResultSet row) throws SQLException {
        byte[] text = row.getBytes(5);
        DeadLetter letter = new DeadLetter(row.getLong(1), row.getString(2), row.getString(3), row.getString(4),
                text == null ? new byte[0] : text, row.getString(6), row.getLong(7), row.getLong(8), row.getLong(9),
                row.getString(10), row.getString(11), row.getInt(12), true);
        return row.getLong(13) == letter.checksum() ? letter : letter.damaged();
    }

    private DeadLetter damaged() {
        return new DeadLetter(seq, listedId, eventId, orderingKey, text, about, receivedWall, atWall, atSteady,
                reasonCode, reason, attempts, false);
    }

    /** Whether it is no longer what was received: the row, or the event's row before it became a dead letter. */
    public boolean isDamaged() {
        return !isIntact || reasonCode.equals(DAMAGED);
    }

    public boolean isNotification() {
        return listedId.startsWith(NOTIFICATION_PREFIX);
    }

    long checksum() {
        return Checksum.of(seq, listedId, eventId, orderingKey, text, about, receivedWall, atWall, atSteady,
                reasonCode, reason, attempts);
    }

    /** Without the payload, which has no place in a log. */
    @Override
    public String toString() {
        return "DeadLetter[" + listedId + "]";
    }
}
