package org.routingbridge.outbox;

import java.util.List;

import org.routingbridge.store.OutboxTable;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoredEvent;

/** The outbox's rows as {@link Lanes} read them. */
record StoreRows(Store store) implements Lanes.Rows {

    @Override
    public void after(long seq, Lanes.Visitor visitor) {
        store.read(session -> {
            OutboxTable.after(session, seq, (place, key, row) -> visitor.visit(place, key, row::get));
            return null;
        });
    }

    @Override
    public List<StoredEvent> ofKey(String orderingKey, long fromSeq, long toSeq, int most) {
        return store.read(session -> OutboxTable.ofKey(session, orderingKey, fromSeq, toSeq, most));
    }
}
