package org.routingbridge.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * One connection to the database with the statements that were prepared on it. The one that writes also gathers what a
 * transaction changes in the books, which go into the same transaction.
 */
public abstract class Session implements AutoCloseable {

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

    /** Begins a transaction that writes. */
    abstract void begin() throws SQLException;

    /** What was gathered is done before. */
    abstract void commit() throws SQLException;

    abstract void rollBack() throws SQLException;

    /** A number for a new row, higher than all before it in the order of commits, whoever made them. */
    public abstract long nextSeq() throws SQLException;

    /**
     * A change whose size nobody waits for but the books. It is made before anything else is asked for, at the latest
     * with the commit.
     *
     * @param rowsChanged is told how many rows it has changed
     */
    public abstract void change(String sql, IntConsumer rowsChanged, Object... parameters) throws SQLException;

    /** The same where nobody asks for its size. */
    public void change(String sql, Object... parameters) throws SQLException {
        change(sql, rows -> { }, parameters);
    }

    /** Makes the changes that were gathered. */
    abstract void flush() throws SQLException;

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
    void forget(String sql) throws SQLException {
        PreparedStatement failed = statements.remove(sql);
        if (failed != null) {
            failed.close();
        }
    }

    private PreparedStatement prepared(String sql, Object... parameters) throws SQLException {
        flush();
        return filled(sql, parameters);
    }

    /** Without making the changes that were gathered. */
    PreparedStatement filled(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = prepare(sql);
            statements.put(sql, statement);
        }
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(sql);
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
