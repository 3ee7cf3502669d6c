package org.routingbridge.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/** A connection to the one file: nobody else writes, so that every change is made at once and costs no way there. */
final class SqliteSession extends Session {

    private final AtomicLong lastSeq;

    SqliteSession(Connection connection, AtomicLong lastSeq) {
        super(connection);
        this.lastSeq = lastSeq;
    }

    /**
     * By SQLite's own statements: the driver begins the next one with each commit, and would report what is committed
     * as failed where that cannot begin.
     */
    @Override
    void begin() throws SQLException {
        update("begin immediate");
    }

    @Override
    void commit() throws SQLException {
        update("commit");
    }

    @Override
    void rollBack() throws SQLException {
        update("rollback");
    }

    @Override
    public long nextSeq() {
        return lastSeq.incrementAndGet();
    }

    @Override
    public void change(String sql, IntConsumer rowsChanged, Object... parameters) throws SQLException {
        rowsChanged.accept(update(sql, parameters));
    }

    @Override
    void flush() {
        // every change was made at once
    }
}
