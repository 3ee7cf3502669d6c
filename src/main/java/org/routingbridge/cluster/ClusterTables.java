package org.routingbridge.cluster;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import org.routingbridge.store.ClaimTable;

/** The tables by which bridges know of each other. Times are the database's own. */
final class ClusterTables {

    /** Of these tables, as it stands among the common settings. */
    static final int VERSION = 3;
    /** Who makes or compares what all share is alone with it. */
    private static final long LOCK = 0x0062_7269_6467_6501L;

    /** The one that is made last. */
    private static final String LAST = "watermark";

    private static final List<String> TABLES = List.of(
            // who is there, by which of the server's processes; one that has ended is gone, its numbers stay for a day
            "create table if not exists member (instance uuid primary key, name text not null,"
                    + " seen_at timestamptz not null, gone boolean not null, accounting text, backend integer,"
                    + " publishes boolean not null default true)",
            "create table if not exists common_settings (name text primary key, value text not null)",
            "create table if not exists lease (name text primary key, owner uuid not null)",
            ClaimTable.CREATE,
            ClaimTable.CREATE_INDEX,
            // each key's newest event that was made safe, in milliseconds since the epoch
            "create table if not exists watermark (key text primary key, newest bigint not null,"
                    + " touched bigint not null) with (fillfactor = 50)");

    private ClusterTables() {
    }

    /** In the transaction under way, which others wait for from now on. */
    static void lock(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_xact_lock(" + LOCK + ")");
        }
    }

    /** They begin empty with the first bridge (contract, section 3). */
    static void forgetWatermarks(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("delete from watermark");
        }
    }

    /**
     * Makes those that are not there, in the transaction that has the lock. Where there are all of them not even an
     * index is asked for, since that would hold up those who write.
     */
    static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!isThere(statement)) {
                for (String table : TABLES) {
                    statement.execute(table);
                }
            }
        }
    }

    /** Brings tables of older versions up to this one, for a bridge that is alone, in the transaction with the lock. */
    static void upgrade(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // since version 2
            statement.execute("alter table member add column if not exists backend integer");
            // since version 3
            statement.execute("alter table member add column if not exists publishes boolean not null default true");
        }
    }

    private static boolean isThere(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("select to_regclass('" + LAST + "') is not null")) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
