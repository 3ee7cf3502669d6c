package org.routingbridge.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * A connection to PostgreSQL. Each answer costs the way there and back, so that changes whose size nobody waits for are
 * gathered, and all of one kind go there together.
 */
final class PostgresSession extends Session {

    /** Held from the first row that a transaction places until it has ended. */
    private static final long PLACING = 0x6272_6964_6765_0001L;
    /** Numbers that one transaction gets at a time; most of them are never used, and there are enough. */
    static final int PLACES = 1000;
    /** The lock first, and the number after it. */
    private static final String TAKE_PLACES = "with held as materialized (select pg_advisory_xact_lock(?))"
            + " select nextval('place') from held";
    private static final int ROWS_AT_A_TIME = 50;

    /** Changes of one kind that wait to be made. */
    private record Gathered(PreparedStatement statement, List<IntConsumer> rowsChanged) {
    }

    private final Map<String, Gathered> gathered = new LinkedHashMap<>();
    private long nextPlace;
    private long placesLeft;

    PostgresSession(Connection connection) {
        super(connection);
    }

    /** The driver begins one with the first statement, without a way of its own. */
    @Override
    void begin() throws SQLException {
        placesLeft = 0;
        connection().setAutoCommit(false);
    }

    @Override
    void commit() throws SQLException {
        flush();
        connection().commit();
    }

    @Override
    void rollBack() throws SQLException {
        try {
            for (Gathered changes : gathered.values()) {
                changes.statement().clearBatch();
            }
        } finally {
            gathered.clear();
            connection().rollback();
        }
    }

    /**
     * Those who place rows follow one another, whichever bridge they write for: what is committed later has higher
     * numbers, and whoever reads on from the highest number that he has seen misses none.
     */
    @Override
    public long nextSeq() throws SQLException {
        if (placesLeft == 0) {
            nextPlace = taken(row -> row.getLong(1), filled(TAKE_PLACES, PLACING));
            placesLeft = PLACES;
        }
        placesLeft--;
        return nextPlace++;
    }

    private static <T> T taken(RowReader<T> reader, PreparedStatement statement) throws SQLException {
        try (var rows = statement.executeQuery()) {
            rows.next();
            return reader.read(rows);
        }
    }

    @Override
    public void change(String sql, IntConsumer rowsChanged, Object... parameters) throws SQLException {
        PreparedStatement statement = filled(sql, parameters);
        statement.addBatch();
        gathered.computeIfAbsent(sql, kind -> new Gathered(statement, new ArrayList<>())).rowsChanged()
                .add(rowsChanged);
    }

    @Override
    void flush() throws SQLException {
        while (!gathered.isEmpty()) {
            String kind = gathered.keySet().iterator().next();
            make(kind, gathered.remove(kind));
        }
    }

    private void make(String sql, Gathered changes) throws SQLException {
        int[] rows;
        try {
            rows = changes.statement().executeBatch();
        } catch (SQLException e) {
            forget(sql);
            throw e;
        }
        for (int i = 0; i < rows.length; i++) {
            // the driver joins insertions, and then says only that they were made
            changes.rowsChanged().get(i).accept(rows[i] < 0 ? 1 : rows[i]);
        }
    }

    /** So many rows at a time, which the driver does inside a transaction only. */
    @Override
    public void each(RowVisitor visitor, String sql, Object... parameters) throws SQLException {
        boolean isReader = connection().getAutoCommit();
        if (!isReader) {
            super.each(visitor, sql, parameters);
            return;
        }
        connection().setAutoCommit(false);
        super.each(visitor, sql, parameters);
        connection().commit();
        connection().setAutoCommit(true);
    }

    @Override
    PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = super.prepare(sql);
        statement.setFetchSize(ROWS_AT_A_TIME);
        return statement;
    }
}
