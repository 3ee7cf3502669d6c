package org.routingbridge.outbox;

import java.util.List;
import java.util.Set;

import org.routingbridge.store.OutboxTable;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoredEvent;

/**
 * The outbox's rows as {@link Lanes} read them: those that are this bridge's to hand out.
 *
 * @param departed places of rows that have left, which could not be written down yet
 */
record StoreRows(Store store, Set<Long> departed) implements Lanes.Rows {

    @Override
    public void after(long seq, Lanes.Visitor visitor) {
        OutboxTable.Visitor present = (place, key, row) -> departed.contains(place)
                || visitor.visit(place, key, row::get);
        if (!store.share().isShared()) {
            store.read(session -> {
                OutboxTable.after(session, seq, present);
                return null;
            });
            return;
        }
        long slots = store.share().slots();
        if (slots != 0) {
            store.read(session -> {
                OutboxTable.after(session, seq, slots, present);
                return null;
            });
        }
    }

    @Override
    public boolean isOurs(String orderingKey) {
        return store.share().holdsKey(orderingKey);
    }

    @Override
    public List<StoredEvent> ofKey(String orderingKey, long fromSeq, long toSeq, int most) {
        return store.read(session -> OutboxTable.ofKey(session, orderingKey, fromSeq, toSeq, most));
    }
}
