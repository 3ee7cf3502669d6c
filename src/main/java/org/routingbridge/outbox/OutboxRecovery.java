package org.routingbridge.outbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import org.routingbridge.datalake.DataLakeNotifications;
import org.routingbridge.idempotency.SeenEvents;
import org.routingbridge.settings.DataDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what the last process left, however it ended: counts the events in the outbox and marks them as seen, and
 * keeps the outbox's books from one process to the next. What has left the outbox is written down every second; what is
 * in it, the broker knows, so that the books balance after a crash too.
 */
public final class OutboxRecovery {

    private static final Logger LOG = LoggerFactory.getLogger(OutboxRecovery.class);
    private static final String PUBLISHED = "published";
    private static final String DEAD_LETTERED = "dead_lettered";

    private final JsonMapper json = new JsonMapper();
    private final Path books;
    private final ConnectionFactory connections;
    private final Outbox outbox;
    private final DeadLetters deadLetters;
    private final SeenEvents seenEvents;
    private final DataLakeNotifications notifications;
    private final OutboxBroker broker;
    private final OutboxLedger ledger;
    private final DamagedEvents damagedEvents;
    private ScheduledExecutorService saving;
    private Outbox.Balance saved;

    public OutboxRecovery(DataDirectory dataDirectory, ConnectionFactory connections, Outbox outbox,
                          DeadLetters deadLetters, SeenEvents seenEvents, DataLakeNotifications notifications,
                          OutboxBroker broker, OutboxLedger ledger, DamagedEvents damagedEvents) {
        books = dataDirectory.path().resolve("outbox-books.json");
        this.broker = broker;
        this.ledger = ledger;
        this.damagedEvents = damagedEvents;
        this.connections = connections;
        this.outbox = outbox;
        this.deadLetters = deadLetters;
        this.seenEvents = seenEvents;
        this.notifications = notifications;
    }

    /**
     * @throws OutboxUnreadable where the broker cannot read what it holds
     */
    public void recover() throws IOException, JMSException, OutboxUnreadable {
        if (Files.exists(books)) {
            JsonNode counts = json.readTree(books.toFile());
            outbox.recover(counts.path(PUBLISHED).asLong(), counts.path(DEAD_LETTERED).asLong());
        }
        Set<String> held = new HashSet<>();
        int dead;
        try {
            dead = takeUp(held);
        } catch (JMSException | RuntimeException e) {
            if (broker.hasOpenedFiles()) {
                throw broker.unreadable(e);
            }
            throw e;
        }
        if (broker.hasFailed()) {
            throw broker.unreadable(null);
        }
        LOG.info("Recovered what the last run left outbox={} deadLetters={} notifications={} seenIds={}",
                outbox.pending(), dead, notifications.pending(), seenEvents.size());
        findMissing(held);
        saving = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "outbox-books");
            thread.setDaemon(true);
            return thread;
        });
        saving.scheduleWithFixedDelay(this::save, 1, 1, TimeUnit.SECONDS);
    }

    /** @return how many dead letters there are */
    private int takeUp(Set<String> held) throws JMSException {
        int dead = deadLetters.recover(seenEvents, held);
        try (Connection connection = connections.createConnection()) {
            connection.start();
            try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
                Browsing.each(session, DeadLetters.OUTBOX, message -> {
                    StoredMessage stored = new StoredMessage(message);
                    outbox.recovered(stored.orderingKey(), stored.textBytes());
                    seenEvents.restore(stored.eventId(), stored.enteredAt());
                    held.add(stored.id());
                });
                Browsing.each(session, DeadLetters.DATA_LAKE, message -> {
                    notifications.added();
                    held.add(new StoredMessage(message).id());
                });
            }
        }
        return dead;
    }

    /** What the broker should have and has not is named, and its files are kept as they were. */
    private void findMissing(Set<String> held) throws IOException {
        List<String> missing = ledger.reconcile(held);
        if (broker.hasOpenedFiles() && !missing.isEmpty()) {
            List<String> events = missing.stream().filter(id -> !StoredMessage.isNotification(id)).toList();
            damagedEvents.missing(missing, broker.filesBefore());
            events.forEach(seenEvents::forget);
            outbox.missing(events.size());
        } else {
            broker.filesBefore().discard();
        }
        ledger.open();
    }

    private synchronized void save() {
        Outbox.Balance now = outbox.balance();
        if (saved != null && saved.published() == now.published() && saved.deadLettered() == now.deadLettered()) {
            return;
        }
        try {
            Path next = books.resolveSibling(books.getFileName() + ".new");
            json.writeValue(next.toFile(), json.createObjectNode()
                    .put(PUBLISHED, now.published()).put(DEAD_LETTERED, now.deadLettered()));
            Files.move(next, books, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            saved = now;
        } catch (IOException e) {
            LOG.warn("The outbox's books cannot be written; they are tried again reason={}", e.getMessage());
        }
    }

    public void stop() {
        if (saving != null) {
            saving.shutdown();
        }
        save();
    }
}
