package org.routingbridge.outbox;

import java.util.function.Function;

import jakarta.jms.JMSException;
import jakarta.jms.Message;

/**
 * What a stored message says of itself, as far as it can still be read: damage may have taken any property, which must
 * not keep the others from being found.
 */
final class StoredMessage {

    private static final String NOTIFICATION_PREFIX = "datalake-";
    private static final String UNKNOWN = "unknown";

    private final Function<String, Object> properties;

    /** @param properties by their names, null for what is not there */
    StoredMessage(Function<String, Object> properties) {
        this.properties = properties;
    }

    StoredMessage(Message message) {
        this(name -> {
            try {
                return message.getObjectProperty(name);
            } catch (JMSException e) {
                return null;
            }
        });
    }

    /** The id it is listed under (contract, section 8). */
    String id() {
        return listedId(eventId(), isNotification());
    }

    static String listedId(String eventId, boolean notification) {
        return notification ? NOTIFICATION_PREFIX + eventId : eventId;
    }

    static boolean isNotification(String listedId) {
        return listedId.startsWith(NOTIFICATION_PREFIX);
    }

    /** The event's id, of an id that is listed. */
    static String eventId(String listedId) {
        return isNotification(listedId) ? listedId.substring(NOTIFICATION_PREFIX.length()) : listedId;
    }

    boolean isNotification() {
        return properties.apply(StoredEvents.NOTIFICATION) != null;
    }

    String eventId() {
        return text(StoredEvents.EVENT_ID);
    }

    String orderingKey() {
        return text(StoredEvents.ORDERING_KEY);
    }

    private String text(String property) {
        return properties.apply(property) instanceof String text ? text : UNKNOWN;
    }

    String reason() {
        return text(StoredEvents.REASON);
    }

    /** UTF-8 bytes. */
    long textBytes() {
        return number(StoredEvents.TEXT_BYTES);
    }

    /** Epoch milliseconds, or 0. */
    long enteredAt() {
        return number(StoredEvents.ENTERED_AT);
    }

    int attempts() {
        return (int) number(StoredEvents.ATTEMPTS);
    }

    private long number(String property) {
        return properties.apply(property) instanceof Number number ? number.longValue() : 0;
    }
}
