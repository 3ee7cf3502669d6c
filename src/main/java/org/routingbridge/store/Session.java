package org.routingbridge.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One connection to the database with the statements that were prepared on it. The one that writes also gathers what a
 * transaction changes in the books, which go into the same transaction.
 */
public final class Session implements AutoCloseable {

    /**
     * Reads a row.
     *
     * @param <T> what it makes of it
     */
    @FunctionalInterface
    public interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final Books.Change change = new Books.Change();

    Session(Connection connection) {
        this.connection = connection;
    }

    Connection connection() {
        return connection;
    }

    /** What the transaction under way changes in the books. */
    public Books.Change books() {
        return change;
    }

    /**
     * Begins a transaction that writes. By SQLite's own statements: the driver begins the next one with each commit,
     * and would report what is committed as failed where that cannot begin.
     */
    void begin() throws SQLException {
        update("begin immediate");
    }

    void commit() throws SQLException {
        update("commit");
    }

    void rollBack() throws SQLException {
        update("rollback");
    }

    /** @return how many rows were changed */
    public int update(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = prepared(sql, parameters);
        try {
            return statement.executeUpdate();
        } catch (SQLException e) {
            forget(sql);
            throw e;
        }
    }

    /** All rows, in the query's order. */
    public <T> List<T> list(RowReader<T> reader, String sql, Object... parameters) throws SQLException {
        List<T> rows = new ArrayList<>();
        each(row -> rows.add(reader.read(row)), sql, parameters);
        return rows;
    }

    /** The first row, or null. */
    public <T> T first(RowReader<T> reader, String sql, Object... parameters) throws SQLException {
        try (ResultSet rows = prepared(sql, parameters).executeQuery()) {
            return rows.next() ? reader.read(rows) : null;
        } catch (SQLException e) {
            forget(sql);
            throw e;
        }
    }

    /** A number, or 0 where there is none. */
    public long number(String sql, Object... parameters) throws SQLException {
        Long number = first(row -> row.getLong(1), sql, parameters);
        return number == null ? 0 : number;
    }

    /** Takes a row; false ends the reading. */
    @FunctionalInterface
    public interface RowVisitor {
        boolean visit(ResultSet row) throws SQLException;
    }

    /** Row by row, without keeping them. */
    public void each(RowVisitor visitor, String sql, Object... parameters) throws SQLException {
        try (ResultSet rows = prepared(sql, parameters).executeQuery()) {
            while (rows.next() && visitor.visit(rows)) {
                continue;
            }
        } catch (SQLException e) {
            forget(sql);
            throw e;
        }
    }

    /** The driver may have closed a statement that has failed. */
    private void forget(String sql) throws SQLException {
        PreparedStatement failed = statements.remove(sql);
        if (failed != null) {
            failed.close();
        }
    }

    private PreparedStatement prepared(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // what cannot be closed is left to the end of the process
        }
    }
}
