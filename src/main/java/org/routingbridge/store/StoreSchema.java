package org.routingbridge.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The tables. Their version stands in the database itself, as SQLite's {@code user_version}: there is one file with one
 * owner, which needs no library to migrate it. Times named {@code …_at} are {@link SteadyClock}'s, those named
 * {@code …_wall} the wall clock's, both in milliseconds.
 */
final class StoreSchema {

    /** The tables' version, by SQLite's {@code user_version}. */
    static final int VERSION = 3;

    private static final List<String> TABLES = List.of(
            // what waits for EventBridge, in order of arrival
            """
            create table outbox (
              seq integer primary key, event_id text not null, ordering_key text not null, event_text blob not null,
              about text not null, checksum integer not null, received_wall integer not null,
              entered_at integer not null, due_at integer not null, attempts integer not null,
              alone_failures integer not null, accepted_entries text not null, reason_code text not null,
              reason text not null)""",
            // also what names an event whose row is damaged
            "create index outbox_event on outbox (event_id)",
            "create index outbox_key on outbox (ordering_key, seq)",
            // what the data lake could not take yet
            """
            create table notification (
              seq integer primary key, event_id text not null, event_text blob not null, checksum integer not null,
              received_wall integer not null, entered_at integer not null, due_at integer not null,
              attempts integer not null, reason text not null)""",
            "create index notification_event on notification (event_id)",
            "create index notification_due on notification (due_at)",
            // what EventBridge or the data lake will not take
            """
            create table dead_letter (
              seq integer primary key, listed_id text not null, event_id text not null, ordering_key text not null,
              event_text blob not null, about text not null, checksum integer not null,
              received_wall integer not null, at_wall integer not null, at_steady integer not null,
              reason_code text not null, reason text not null, attempts integer not null)""",
            "create index dead_letter_id on dead_letter (listed_id)",
            // holds all that a page is chosen by, so that no row is read that is not shown
            "create index dead_letter_page on dead_letter (at_steady, seq, reason_code, received_wall)",
            // what was refused, for an operator who wants to take it after all
            """
            create table rejected (
              seq integer primary key, event_id text not null, event_text blob not null, reason_code text not null,
              reason text not null, received_wall integer not null, at_wall integer not null,
              checksum integer not null)""",
            "create index rejected_event on rejected (event_id)",
            // the ids that were accepted, many in a row, in order, for the next process: this one has them in memory
            "create table seen (seq integer primary key, ids blob not null, accepted_at integer not null,"
                    + " checksum integer not null)",
            "create table books (one integer primary key, " + columns(" integer not null")
                    + ", steady_millis integer not null, wall_millis integer not null, nano_time integer not null,"
                    + " boot_id text not null, checksum integer not null)");

    private StoreSchema() {
    }

    private static String columns(String each) {
        return Arrays.stream(Books.ENTRIES).map(entry -> entry.column() + each).collect(Collectors.joining(", "));
    }

    static int version(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
             ResultSet version = statement.executeQuery("pragma user_version")) {
            return version.getInt(1);
        }
    }

    /** In the transaction under way. */
    static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.executeUpdate(table);
            }
            statement.executeUpdate("pragma user_version = " + VERSION);
        }
        Object[] books = Books.EMPTY.row(new SteadyClock.Mark(0, 0, 0, ""));
        try (PreparedStatement insert = connection.prepareStatement("insert into books (one, " + Books.COLUMNS
                + ") values (1" + ", ?".repeat(books.length) + ")")) {
            for (int i = 0; i < books.length; i++) {
                insert.setObject(i + 1, books[i]);
            }
            insert.executeUpdate();
        }
    }

    /** Whether there are tables at all. */
    static boolean isEmpty(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
             ResultSet tables = statement.executeQuery("select count(*) from sqlite_master")) {
            return tables.getInt(1) == 0;
        }
    }
}
