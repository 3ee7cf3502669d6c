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
    public long after(long seq, Lanes.Visitor visitor) {
        boolean[] isEnough = {false};
        OutboxTable.Visitor present = (place, key, row) -> {
            isEnough[0] = !departed.contains(place) && !visitor.visit(place, key, row::get);
            return !isEnough[0];
        };
        if (!store.share().isShared()) {
            store.read(session -> {
                OutboxTable.after(session, seq, present);
                return null;
            });
            return 0;
        }
        long slots = store.share().slots();
        return slots == 0 ? 0 : store.read(session -> {
            // first, so that all rows up to it are there when they are read
            long newest = OutboxTable.newest(session);
            OutboxTable.after(session, seq, slots, present);
            return isEnough[0] ? 0 : newest;
        });
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
