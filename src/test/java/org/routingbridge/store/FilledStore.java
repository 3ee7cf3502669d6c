package org.routingbridge.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

import org.routingbridge.event.OrderingKeys;
import org.routingbridge.simulator.SampleEvent;

/** A store that much has been written to, as years of bad luck would have it. */
public final class FilledStore implements AutoCloseable {

    private static final int TOGETHER = 10_000;
    private static final String ABOUT =
            "{\"eventType\":\"%s\",\"late\":false,\"future\":false,\"trimmed\":[],\"chunked\":false}";

    private interface Row {
        void write(Session session, long number) throws SQLException;
    }

    private final Store store;

    /** @param directory of the bridge's data */
    public FilledStore(Path directory) throws IOException {
        Files.createDirectories(directory);
        store = new Store(directory, new SteadyClock());
        store.start();
    }

    private void fill(long rows, Row row) {
        for (long from = 0; from < rows; from += TOGETHER) {
            long first = from;
            store.write(session -> {
                for (long number = first; number < Math.min(rows, first + TOGETHER); number++) {
                    row.write(session, number);
                }
                return null;
            }).await();
        }
    }

    private StoredEvent row(Session session, SampleEvent event) throws SQLException {
        long now = System.currentTimeMillis();
        return new StoredEvent(session.nextSeq(), event.id(), OrderingKeys.of(event.queueId()), event.bytes(),
                String.format(Locale.ROOT, ABOUT, event.eventType()), now, store.clock().millis(),
                store.clock().millis(), 1, 0, "[]", "UNAVAILABLE: Connection refused", true);
    }

    /** Events that wait for EventBridge. */
    public FilledStore withWaiting(long rows, LongFunction<SampleEvent> events) {
        fill(rows, (session, number) -> OutboxTable.insert(session, row(session, events.apply(number))));
        return this;
    }

    /** Dead letters of events that EventBridge has refused. */
    public FilledStore withDeadLetters(long rows, LongFunction<SampleEvent> events) {
        fill(rows, (session, number) -> {
            StoredEvent row = row(session, events.apply(number));
            DeadLetterTable.insert(session, new DeadLetter(row.seq(), row.eventId(), row.eventId(), row.orderingKey(),
                    row.text(), row.about(), row.receivedWall(), row.receivedWall(), store.clock().millis(),
                    "NotAuthorizedForSourceException: Not authorized for the source.", 1));
        });
        return this;
    }

    /** Notifications for a data lake that is away. */
    public FilledStore withNotifications(long rows, LongFunction<SampleEvent> events) {
        fill(rows, (session, number) -> {
            SampleEvent event = events.apply(number);
            NotificationTable.insert(session, new StoredNotification(session.nextSeq(), event.id(),
                    ("{\"eventId\":\"" + event.id() + "\"}").getBytes(StandardCharsets.UTF_8),
                    System.currentTimeMillis(), store.clock().millis(), store.clock().millis(), 1, "", true));
        });
        return this;
    }

    /** Refused events. */
    public FilledStore withRejected(long rows, LongFunction<SampleEvent> events) {
        fill(rows, (session, number) -> {
            SampleEvent event = events.apply(number);
            RejectedTable.insert(session, new RejectedTable.Rejected(session.nextSeq(), event.id(), event.bytes(),
                    "schema_violation: test", System.currentTimeMillis(), System.currentTimeMillis()));
        });
        return this;
    }

    /** Ids that were accepted just now. */
    public FilledStore withSeen(long rows) {
        for (long from = 0; from < rows; from += TOGETHER) {
            List<SeenTable.Accepted> some = LongStream.range(from, Math.min(rows, from + TOGETHER))
                    .mapToObj(number -> new SeenTable.Accepted(
                            new UUID(0x4000L | number << 16, Long.MIN_VALUE | number), store.clock().millis()))
                    .toList();
            store.write(session -> {
                SeenTable.insert(session, session.nextSeq(), some);
                return null;
            }).await();
        }
        return this;
    }

    @Override
    public void close() {
        store.close();
    }
}
