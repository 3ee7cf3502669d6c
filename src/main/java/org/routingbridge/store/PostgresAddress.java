package org.routingbridge.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;

import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Where PostgreSQL is, and how it is spoken to: no wait there is longer than some seconds, whatever becomes of the
 * network, the server or a lock. What the URL itself says wins.
 *
 * @param url      {@code jdbc:postgresql://…}
 * @param user     null where the URL or the environment says
 * @param password likewise
 */
public record PostgresAddress(String url, String user, String password) {

    private static final String CONNECT_SECONDS = "2";
    private static final String ANSWER_SECONDS = "5";
    private static final String SERVER_BOUNDS = "-c statement_timeout=3000 -c lock_timeout=2000"
            + " -c idle_in_transaction_session_timeout=3000";

    /**
     * A new connection.
     *
     * @param purpose by which the server's administrator tells it from others
     * @throws StoreUnusable where the driver makes nothing of the URL
     */
    public Connection connect(String purpose) throws SQLException {
        if (Driver.parseURL(url, null) == null) {
            // the driver itself would show all of it
            throw new StoreUnusable("bridge.store.url: " + this + " has a port, or a parameter, that cannot be read;"
                    + " write % in a parameter as %25; example: jdbc:postgresql://db.example.com:5432/bridge");
        }
        Properties properties = new Properties();
        set(properties, PGProperty.USER, user);
        set(properties, PGProperty.PASSWORD, password);
        set(properties, PGProperty.CONNECT_TIMEOUT, CONNECT_SECONDS);
        set(properties, PGProperty.LOGIN_TIMEOUT, ANSWER_SECONDS);
        set(properties, PGProperty.SOCKET_TIMEOUT, ANSWER_SECONDS);
        set(properties, PGProperty.TCP_KEEP_ALIVE, "true");
        set(properties, PGProperty.OPTIONS, SERVER_BOUNDS);
        set(properties, PGProperty.APPLICATION_NAME, "cxone-routing-bridge " + purpose);
        set(properties, PGProperty.REWRITE_BATCHED_INSERTS, "true");
        return new Driver().connect(url, properties);
    }

    private static void set(Properties properties, PGProperty property, String value) {
        if (value != null) {
            properties.setProperty(property.getName(), value);
        }
    }

    /** Host and database as they may be shown: without what stands behind them, which may be a password. */
    @Override
    public String toString() {
        int end = url.indexOf('?');
        String shown = end < 0 ? url : url.substring(0, end);
        return shown.replaceAll("//[^/]*@", "//");
    }
}
