package org.routingbridge.store;

import java.sql.SQLException;

/**
 * The ids of events, who has one in flight and which are accepted, as several bridges share them. The changes here go
 * into the transaction that puts an event into the outbox or among the dead letters, or takes it out; all others are
 * the cluster's. A store that one bridge has alone has no such table, and nothing is changed.
 */
public final class ClaimTable {

    /** In flight at the bridge that owns it. */
    public static final int IN_FLIGHT = 0;
    /** Accepted, for as long as ids are. */
    public static final int ACCEPTED = 1;
    /** Its owner has failed: whoever comes next may have it, and passes the order check that it passed before. */
    public static final int FREE = 2;
    /** Accepted, for as long as the store holds its event. */
    public static final int HELD = 3;

    /** Now by the database's clock, in milliseconds since the epoch. */
    public static final String NOW = "(extract(epoch from clock_timestamp()) * 1000)::bigint";
    /** Where nothing ends that is held. */
    private static final String NEVER = Long.toString(Long.MAX_VALUE);

    /** What looks for claims that are over goes by {@code since}, which an acceptance leaves as it is. */
    public static final String CREATE = "create table if not exists claim (id uuid primary key, owner uuid not null,"
            + " turn bigint not null, state smallint not null, passed boolean not null, accepted_at bigint not null,"
            + " since bigint not null) with (fillfactor = 80)";
    public static final String CREATE_INDEX = "create index if not exists claim_since on claim (since)";

    private static final String NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid";
    // not by "values", which the driver would join to one statement, and that takes no id twice
    private static final String HOLD = "insert into claim (id, owner, turn, state, passed, accepted_at, since)"
            + " select cast(? as uuid), " + NOBODY + ", 0, " + HELD + ", true, " + NOW + ", " + NEVER
            + " on conflict (id) do update set state = excluded.state, since = excluded.since";
    private static final String LEAVE = "insert into claim (id, owner, turn, state, passed, accepted_at, since)"
            + " select cast(? as uuid), " + NOBODY + ", 0, " + ACCEPTED + ", true, " + NOW + ", " + NOW
            + " on conflict (id) do update set state = excluded.state, accepted_at = excluded.accepted_at,"
            + " since = excluded.since";

    private static final String FREE_IF_HELD = "delete from claim where id = ? and state = " + HELD
            + " and not exists (select 1 from outbox where event_id = ?)"
            + " and not exists (select 1 from dead_letter where listed_id = ?)";

    private ClaimTable() {
    }

    private static boolean isShared(Session session) {
        return !(session instanceof SqliteSession);
    }

    /** The event is in the outbox or among the dead letters with this transaction, and so accepted. */
    public static void accept(Session session, String eventId) throws SQLException {
        if (isShared(session)) {
            session.change(HOLD, EventKey.of(eventId));
        }
    }

    /** The event has left them, delivered or deleted: the id counts as accepted for as long as ids do from now on. */
    public static void leave(Session session, String eventId) throws SQLException {
        if (isShared(session)) {
            session.change(LEAVE, EventKey.of(eventId));
        }
    }

    /**
     * A dead letter was deleted. The event of a damaged one was lost and is welcome, unless it has come again since.
     */
    public static void leave(Session session, DeadLetter letter) throws SQLException {
        if (!letter.isDamaged()) {
            leave(session, letter.eventId());
        } else if (isShared(session)) {
            session.change(FREE_IF_HELD, EventKey.of(letter.eventId()), letter.eventId(), letter.eventId());
        }
    }

    /** Whether an event of this id would be a duplicate just now: it was accepted, or is in flight. */
    public static boolean isKnown(Session session, String eventId, long ttlMillis) throws SQLException {
        return session.number("select count(*) from claim where id = ? and (state in (" + IN_FLIGHT + ", " + HELD
                + ") or state = " + ACCEPTED + " and accepted_at > " + NOW + " - ?)", EventKey.of(eventId),
                ttlMillis) > 0;
    }

    /** The newest event of an ordering key that was made safe, in milliseconds since the epoch; null where none is. */
    public static Long watermark(Session session, String orderingKey) throws SQLException {
        return session.first(row -> row.getLong(1), "select newest from watermark where key = ?", orderingKey);
    }
}
