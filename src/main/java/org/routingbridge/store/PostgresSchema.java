package org.routingbridge.store;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The tables that several bridges share. Their version stands in a table of its own. Times named {@code …_at} are the
 * database's, those named {@code …_wall} the wall clock's of the bridge that wrote the row, both in milliseconds since
 * the epoch.
 */
final class PostgresSchema {

    static final int VERSION = 1;
    /** What the keys of {@link Slots#of} begin with, in their order. */
    private static final String SLOT_OF_KEY = slot("(strpos('" + Slots.ALPHABET + "', left(ordering_key, 1)) - 1)");
    /** By the last two of an id's hex digits. */
    private static final String SLOT_OF_ID = slot("(strpos('" + Slots.DIGITS + "', right(event_id, 1))"
            + " * 16 + strpos('" + Slots.DIGITS + "', left(right(event_id, 2), 1)))");
    /** Held while somebody looks whether there are tables, and makes them. */
    private static final long MAKING = 0x6272_6964_6765_0002L;

    private static final List<String> TABLES = List.of(
            "create table schema_version (version integer not null)",
            "insert into schema_version values (" + VERSION + ")",
            "create sequence place increment by " + PostgresSession.PLACES,
            // what waits for EventBridge, in order of arrival
            """
            create table outbox (
              seq bigint primary key, event_id text not null, ordering_key text not null, event_text bytea not null,
              about text not null, checksum bigint not null, received_wall bigint not null,
              entered_at bigint not null, due_at bigint not null, attempts integer not null,
              alone_failures integer not null, accepted_entries text not null, reason_code text not null,
              reason text not null, slot\s""" + SLOT_OF_KEY + ")",
            "create index outbox_event on outbox (event_id)",
            "create index outbox_key on outbox (ordering_key, seq)",
            // what the data lake could not take yet
            """
            create table notification (
              seq bigint primary key, event_id text not null, event_text bytea not null, checksum bigint not null,
              received_wall bigint not null, entered_at bigint not null, due_at bigint not null,
              attempts integer not null, reason text not null, slot\s""" + SLOT_OF_ID + ")",
            "create index notification_due on notification (due_at)",
            // what EventBridge or the data lake will not take
            """
            create table dead_letter (
              seq bigint primary key, listed_id text not null, event_id text not null, ordering_key text not null,
              event_text bytea not null, about text not null, checksum bigint not null,
              received_wall bigint not null, at_wall bigint not null, at_steady bigint not null,
              reason_code text not null, reason text not null, attempts integer not null)""",
            "create index dead_letter_id on dead_letter (listed_id)",
            "create index dead_letter_page on dead_letter (at_steady, seq)",
            // what was refused, for an operator who wants to take it after all
            """
            create table rejected (
              seq bigint primary key, event_id text not null, event_text bytea not null, reason_code text not null,
              reason text not null, received_wall bigint not null, at_wall bigint not null,
              checksum bigint not null)""",
            "create index rejected_event on rejected (event_id)",
            // what each bridge has added to the counts; with room for the next version of a row beside it
            "create table books (instance text primary key, " + columns(" bigint not null")
                    + ", steady_millis bigint not null, wall_millis bigint not null, nano_time bigint not null,"
                    + " boot_id text not null, checksum bigint not null,"
                    + " kept_at timestamptz not null default clock_timestamp()) with (fillfactor = 50)",
            // which ids are accepted; also made by who asks for them
            ClaimTable.CREATE,
            ClaimTable.CREATE_INDEX,
            // which bridge hands out the keys of which slot
            "create table slot (slot integer primary key, owner text) with (fillfactor = 50)",
            "insert into slot select number, null from generate_series(0, " + (Slots.COUNT - 1) + ") as number");

    private PostgresSchema() {
    }

    private static String slot(String number) {
        return "integer not null generated always as (" + number + " & " + (Slots.COUNT - 1) + ") stored";
    }

    private static String columns(String each) {
        return Arrays.stream(Books.ENTRIES).map(entry -> entry.column() + each).collect(Collectors.joining(", "));
    }

    /**
     * In the transaction under way, so that of several bridges that start at once one makes the tables.
     *
     * @throws StoreUnusable where they are another version's
     */
    static void createOrCheck(Session session, PostgresAddress address) throws SQLException {
        session.first(row -> 1, "select pg_advisory_xact_lock(?)", MAKING);
        if (!isThere(session)) {
            for (String table : TABLES) {
                session.update(table);
            }
            return;
        }
        int version = version(session);
        if (version != VERSION) {
            throw new StoreUnusable("bridge.store.url: The store " + address + " was made by another version of the"
                    + " bridge (" + version + ", and this one knows " + VERSION + "); start that version, or set"
                    + " another database; example: jdbc:postgresql://db.example.com:5432/bridge2");
        }
    }

    static boolean isThere(Session session) throws SQLException {
        return session.first(row -> row.getString(1), "select to_regclass('schema_version')::text") != null;
    }

    static int version(Session session) throws SQLException {
        return (int) session.number("select version from schema_version");
    }
}
