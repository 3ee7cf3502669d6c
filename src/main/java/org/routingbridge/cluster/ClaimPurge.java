package org.routingbridge.cluster;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** Takes out of the shared tables what is over, a little at a time. */
final class ClaimPurge {

    private static final int STEP = 2000;
    private static final Duration LONGEST_ROUND = Duration.ofMillis(300);
    private static final Duration COUNT = Duration.ofMinutes(1);
    /** What is in flight or free is kept as long at least. */
    private static final Duration LEAST = Duration.ofMinutes(10);
    private static final Duration IDLE_KEYS = Duration.ofHours(1);
    private static final int MOST_KEYS = 100_000;

    private final Link link;
    private final long ttlMillis;
    private final long mostEntries;
    private long nextCount = System.nanoTime();
    private long surplus;

    ClaimPurge(Link link, Duration ttl, long mostEntries) {
        this.link = link;
        this.ttlMillis = ttl.toMillis();
        this.mostEntries = mostEntries;
    }

    /** Takes no longer than a part of a second, unless the database does. */
    void step() throws SQLException {
        long end = System.nanoTime() + LONGEST_ROUND.toNanos();
        int gone = STEP;
        while (gone == STEP && System.nanoTime() - end < 0) {
            gone = expired();
        }
        if (gone < STEP && System.nanoTime() - nextCount >= 0) {
            nextCount = System.nanoTime() + COUNT.toNanos();
            surplus = count() - mostEntries;
            purge(ClaimStatements.PURGE_KEYS, IDLE_KEYS.toMillis());
            purge(ClaimStatements.PURGE_OLDEST_KEYS, MOST_KEYS);
            link.prepared(ClaimStatements.PURGE_MEMBERS).executeUpdate();
        }
        while (surplus > 0 && System.nanoTime() - end < 0) {
            int removed = purge(ClaimStatements.PURGE_OLDEST, Math.min(surplus, STEP));
            surplus = removed == 0 ? 0 : surplus - removed;
        }
    }

    /** Reads the whole table, which by its key would take longer. */
    private long count() throws SQLException {
        try (Statement statement = link.connection().createStatement()) {
            statement.execute("set enable_seqscan = on");
            try (ResultSet row = statement.executeQuery(ClaimStatements.COUNT)) {
                row.next();
                return row.getLong(1);
            } finally {
                statement.execute("set enable_seqscan = off");
            }
        }
    }

    private int expired() throws SQLException {
        PreparedStatement statement = link.prepared(ClaimStatements.PURGE);
        statement.setLong(1, Math.max(ttlMillis, LEAST.toMillis()));
        statement.setLong(2, ttlMillis);
        statement.setInt(3, STEP);
        return statement.executeUpdate();
    }

    private int purge(String sql, long parameter) throws SQLException {
        PreparedStatement statement = link.prepared(sql);
        statement.setLong(1, parameter);
        return statement.executeUpdate();
    }
}
