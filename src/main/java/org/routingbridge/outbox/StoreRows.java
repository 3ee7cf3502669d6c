package org.routingbridge.outbox;

import java.sql.SQLException;
import java.util.List;

import org.routingbridge.store.OutboxTable;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoredEvent;

/** The outbox's rows as {@link Lanes} read them. */
record StoreRows(Store store) implements Lanes.Rows {

    @Override
    public void after(long seq, Lanes.Visitor visitor) {
        store.read(session -> {
            OutboxTable.after(session, seq, row -> visitor.visit(row.getLong(1), row.getString(3), () -> {
                try {
                    return OutboxTable.read(row);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }));
            return null;
        });
    }

    @Override
    public List<StoredEvent> ofKey(String orderingKey, long fromSeq, long toSeq, int most) {
        return store.read(session -> OutboxTable.ofKey(session, orderingKey, fromSeq, toSeq, most));
    }
}
