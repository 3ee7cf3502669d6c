package org.routingbridge.outbox;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import org.apache.camel.Header;
import org.routingbridge.datalake.DataLakeNotifications;
import org.routingbridge.idempotency.SeenEvents;
import org.routingbridge.operations.BridgeMetrics;
import org.routingbridge.operations.ListedEvent;
import org.routingbridge.operations.Page;
import org.routingbridge.operations.Replayed;
import org.routingbridge.webhook.Refusal;
import org.routingbridge.webhook.Refused;

/**
 * What cannot be delivered, as an operator sees it: listed, sent again, deleted (contract, section 8). Events that
 * EventBridge will not take stand here, and notifications that the data lake will not take.
 */
public final class DeadLetters {

    static final String OUTBOX = "outbox";
    static final String DATA_LAKE = "data-lake";
    private static final String QUEUE = "dead-letters";
    /** What an id may look like; it stands in a selector. */
    private static final Pattern ID = Pattern.compile("[0-9A-Za-z-]{1,64}");
    private static final long RECEIVE_MILLIS = 1000;

    private final ConnectionFactory connections;
    private final Outbox outbox;
    private final DataLakeNotifications notifications;
    private final OutboxLedger ledger;
    private final AtomicInteger count = new AtomicInteger();

    public DeadLetters(ConnectionFactory connections, Outbox outbox, DataLakeNotifications notifications,
                       BridgeMetrics metrics, OutboxLedger ledger) {
        this.ledger = ledger;
        this.connections = connections;
        this.outbox = outbox;
        this.notifications = notifications;
        metrics.gauge("bridge.dead.letters", "Dead letters", count::get);
    }

    /** One more dead letter is synced to disk. */
    public void added(@Header(StoredEvents.EVENT_ID) String eventId,
                      @Header(StoredEvents.NOTIFICATION) Boolean notification) {
        ledger.entered(StoredMessage.listedId(eventId, notification != null));
        count.incrementAndGet();
    }

    /** @param held takes the id of each */
    int recover(SeenEvents seenEvents, Set<String> held) throws JMSException {
        List<Message> all = browse();
        for (Message message : all) {
            StoredMessage stored = new StoredMessage(message);
            if (!stored.isNotification()) {
                seenEvents.restore(stored.eventId(), stored.enteredAt());
            }
            held.add(stored.id());
        }
        count.set(all.size());
        return all.size();
    }

    /** A page of them, newest first. */
    public List<ListedEvent> list(@Header("limit") String limit, @Header("offset") String offset) throws JMSException {
        List<Message> newestFirst = browse();
        Collections.reverse(newestFirst);
        List<ListedEvent> page = new ArrayList<>();
        for (Message message : Page.of(limit, offset).of(newestFirst)) {
            page.add(listed(message));
        }
        return page;
    }

    private static ListedEvent listed(Message message) throws JMSException {
        StoredMessage stored = new StoredMessage(message);
        return new ListedEvent(stored.id(), stored.eventId(), stored.reason(), stored.attempts(),
                Instant.ofEpochMilli(message.getJMSTimestamp()).toString(),
                new String(body(message), StandardCharsets.UTF_8));
    }

    private static byte[] body(Message message) throws JMSException {
        BytesMessage bytes = (BytesMessage) message;
        bytes.reset();
        byte[] body = new byte[(int) bytes.getBodyLength()];
        bytes.readBytes(body);
        return body;
    }

    private List<Message> browse() throws JMSException {
        List<Message> messages = new ArrayList<>();
        try (Connection connection = connections.createConnection()) {
            connection.start();
            try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
                Browsing.each(session, QUEUE, messages::add);
            }
        }
        return messages;
    }

    /**
     * Puts one back where it came from, as if it were new.
     *
     * @throws Refused {@code not_found} where there is none of this id
     */
    public Replayed replay(@Header("id") String id) throws JMSException {
        int replayed = take(id, 1, true);
        if (replayed == 0) {
            throw notFound();
        }
        return new Replayed(replayed);
    }

    /** Puts all that are there now back where they came from. */
    public Replayed replayAll() throws JMSException {
        return new Replayed(take(null, count.get(), true));
    }

    /**
     * @throws Refused {@code not_found} where there is none of this id
     */
    public void delete(@Header("id") String id) throws JMSException {
        if (take(id, 1, false) == 0) {
            throw notFound();
        }
    }

    private static Refused notFound() {
        return new Refused(Refusal.NOT_FOUND, "There is no dead letter of this id");
    }

    private int take(String id, int atMost, boolean replay) throws JMSException {
        if (id != null && !ID.matcher(id).matches()) {
            return 0;
        }
        try (Connection connection = connections.createConnection()) {
            connection.start();
            try (Session session = connection.createSession(Session.SESSION_TRANSACTED);
                 MessageConsumer consumer = session.createConsumer(session.createQueue(QUEUE), selector(id))) {
                int taken = 0;
                while (taken < atMost) {
                    Message message = consumer.receive(RECEIVE_MILLIS);
                    if (message == null) {
                        break;
                    }
                    if (replay) {
                        putBack(session, message);
                    } else {
                        ledger.left(new StoredMessage(message).id());
                    }
                    session.commit();
                    count.decrementAndGet();
                    taken++;
                }
                return taken;
            }
        }
    }

    private static String selector(String id) {
        if (id == null) {
            return null;
        }
        return StoredEvents.NOTIFICATION + (StoredMessage.isNotification(id) ? " IS NOT NULL AND " : " IS NULL AND ")
                + StoredEvents.EVENT_ID + " = '" + StoredMessage.eventId(id) + "'";
    }

    private void putBack(Session session, Message message) throws JMSException {
        StoredMessage stored = new StoredMessage(message);
        boolean notification = stored.isNotification();
        byte[] body = body(message);
        BytesMessage again = session.createBytesMessage();
        again.writeBytes(body);
        Enumeration<?> names = message.getPropertyNames();
        while (names.hasMoreElements()) {
            String name = (String) names.nextElement();
            if (!name.startsWith("JMSX") && !name.startsWith("_AMQ")) {
                again.setObjectProperty(name, message.getObjectProperty(name));
            }
        }
        again.setLongProperty(StoredEvents.ENTERED_AT, System.currentTimeMillis());
        again.setIntProperty(StoredEvents.ATTEMPTS, 0);
        if (notification) {
            notifications.added();
        } else {
            again.setIntProperty(StoredEvents.ALONE_FAILURES, 0);
            again.setStringProperty("JMSXGroupID", StoredEvents.group(stored.orderingKey()));
            outbox.reserve(stored.orderingKey(), body.length);
        }
        try (MessageProducer producer = session.createProducer(
                session.createQueue(notification ? DATA_LAKE : OUTBOX))) {
            producer.setDeliveryMode(DeliveryMode.PERSISTENT);
            producer.send(again);
        } catch (JMSException e) {
            if (notification) {
                notifications.removed();
            } else {
                outbox.release(stored.orderingKey(), body.length);
            }
            throw e;
        }
    }
}
