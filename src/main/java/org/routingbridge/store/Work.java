package org.routingbridge.store;

import java.sql.SQLException;

/**
 * What is to be done in one transaction, together with the work of others that waits at the same time. It runs on the
 * store's writing thread and may run again where the first time came to nothing.
 *
 * @param <T> what comes of it
 */
@FunctionalInterface
public interface Work<T> {

    T in(Session session) throws SQLException;
}
