package org.routingbridge.cluster;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

import org.routingbridge.store.PostgresAddress;

/** One connection to the store, opened again after it was lost. One thread uses it. */
final class Link implements AutoCloseable {

    private final PostgresAddress address;
    private final String purpose;
    private final String preparation;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private Connection connection;

    /**
     * @param purpose     by which the server's administrator tells it from others
     * @param preparation what is said first on a new connection
     */
    Link(PostgresAddress address, String purpose, String preparation) {
        this.address = address;
        this.purpose = purpose;
        this.preparation = preparation;
    }

    boolean isOpen() {
        return connection != null;
    }

    Connection connection() throws SQLException {
        if (connection == null) {
            Connection opened = address.connect(purpose);
            try (Statement statement = opened.createStatement()) {
                statement.execute(preparation);
            } catch (SQLException e) {
                closeQuietly(opened);
                throw e;
            }
            connection = opened;
        }
        return connection;
    }

    PreparedStatement prepared(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection().prepareStatement(sql);
            statements.put(sql, statement);
        }
        return statement;
    }

    /** What has failed is not used again. */
    void drop() {
        statements.clear();
        if (connection != null) {
            closeQuietly(connection);
            connection = null;
        }
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // what cannot be closed is left to the end of the process
        }
    }

    @Override
    public void close() {
        drop();
    }
}
