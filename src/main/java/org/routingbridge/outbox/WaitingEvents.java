package org.routingbridge.outbox;

import java.io.InputStream;
import java.util.List;

import org.apache.camel.Exchange;
import org.routingbridge.listing.JsonListStream;
import org.routingbridge.listing.ListQuery;
import org.routingbridge.listing.ListedEvent;
import org.routingbridge.store.OutboxTable;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoredEvent;

/** What waits in the outbox, as an operator sees it (contract, section 8). */
public final class WaitingEvents {

    private final Store store;

    public WaitingEvents(Store store) {
        this.store = store;
    }

    /** A page of them as JSON, oldest first. */
    public InputStream list(Exchange exchange) {
        ListQuery query = ListQuery.of(exchange);
        List<Long> places = store.read(session ->
                OutboxTable.page(session, query.selection(), query.limit(), query.offset()));
        long wall = System.currentTimeMillis();
        long steady = store.clock().millis();
        return JsonListStream.of(places, seq -> {
            StoredEvent event = store.read(session -> OutboxTable.at(session, seq));
            return event == null ? null : ListedEvent.waiting(event.eventId(), event.reason(), event.attempts(),
                    wall + event.enteredAt() - steady, wall + Math.max(0, event.dueAt() - steady), event.text(),
                    event.isIntact());
        });
    }
}
