package org.routingbridge.store;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that a store hands out, read as the bridge reads it.
 *
 * @param intact  of what is said to be what was written, each row in words by its table and place
 * @param damaged what is said not to be, likewise
 * @param books   as committed last
 */
record StoreContents(Map<String, String> intact, Map<String, String> damaged, Books books) {

    private static final int ALL = 1_000_000;

    static StoreContents of(Store store) {
        StoreContents contents = new StoreContents(new TreeMap<>(), new TreeMap<>(), store.books());
        store.read(session -> {
            OutboxTable.after(session, Long.MIN_VALUE, (seq, key, row) -> {
                StoredEvent event = row.get();
                contents.add("outbox", event.seq(), event.isIntact(), event.eventId(), event.orderingKey(),
                        event.text(), event.about(), event.receivedWall(), event.enteredAt(), event.dueAt(),
                        event.attempts(),
                        event.aloneFailures(), event.acceptedEntries(), event.reason());
                return true;
            });
            for (StoredNotification row : NotificationTable.due(session, Long.MAX_VALUE, ALL)) {
                contents.add("notification", row.seq(), row.isIntact(), row.eventId(), row.text(), row.receivedWall(),
                        row.enteredAt(), row.dueAt(), row.attempts(), row.reason());
            }
            for (DeadLetter row : DeadLetterTable.next(session, Selection.ALL, Long.MIN_VALUE, Long.MAX_VALUE, ALL)) {
                contents.add("dead_letter", row.seq(), row.isIntact(), row.listedId(), row.eventId(), row.orderingKey(),
                        row.text(), row.about(), row.receivedWall(), row.atWall(), row.atSteady(), row.reasonCode(),
                        row.reason(), row.attempts());
            }
            for (long seq : RejectedTable.page(session, Selection.ALL, ALL, 0)) {
                RejectedTable.Rejected row = RejectedTable.at(session, seq);
                contents.add("rejected", seq, row.isIntact(), row.eventId(), row.text(), row.reason(),
                        row.receivedWall(), row.atWall());
            }
            SeenTable.each(session, (id, acceptedAt) -> contents.add("seen", 0, true, id, acceptedAt));
            return null;
        });
        return contents;
    }

    private void add(String table, long seq, boolean isIntact, Object... values) {
        StringBuilder words = new StringBuilder();
        for (Object value : values) {
            words.append(value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : value).append(' ');
        }
        String place = table + " " + (seq == 0 ? values[0] : seq);
        (isIntact ? intact : damaged).put(place, words.toString());
    }

    /** Rows of a table that may or may not be intact. */
    long rows(String table) {
        return List.of(intact, damaged).stream().flatMap(some -> some.keySet().stream())
                .filter(place -> place.startsWith(table + " ")).distinct().count();
    }

    static byte[] text(String id, int bytes) {
        return ("{\"id\":\"" + id + "\",\"note\":\"" + "x".repeat(bytes) + "\"}").getBytes(StandardCharsets.UTF_8);
    }
}
