package org.routingbridge.outbox;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.zip.CRC32C;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.JsonReader;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.RoutingEvent.Marks;
import org.routingbridge.event.RoutingEventReader;
import org.routingbridge.eventbridge.EventEntries;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PublishFailure;
import org.routingbridge.webhook.Refused;

/**
 * An event becomes a broker message and an event again. The message's body is the event's text; what else the bridge
 * knows of it stands in properties, with a checksum over both, so that a damaged one is found. It sees the exchange,
 * since a message is body and headers.
 */
public final class StoredEvents {

    static final String EVENT_ID = "eventId";
    static final String EVENT_TYPE = "eventType";
    static final String ORDERING_KEY = "orderingKey";
    static final String RECEIVED_AT = "receivedAt";
    static final String ENTERED_AT = "enteredAt";
    static final String ATTEMPTS = "attempts";
    static final String ALONE_FAILURES = "aloneFailures";
    static final String ACCEPTED_CHUNKS = "acceptedChunks";
    static final String LATE = "late";
    static final String FUTURE = "future";
    static final String TRIMMED = "trimmed";
    static final String CHUNKED = "chunked";
    static final String CHECKSUM = "checksum";
    static final String TEXT_BYTES = "textBytes";
    static final String REASON = "reason";
    /** On a notification of the data lake. */
    static final String NOTIFICATION = "notification";
    private static final String GROUP = "JMSXGroupID";
    private static final int GROUPS = 1024;
    private static final List<String> CHECKED = List.of(EVENT_ID, EVENT_TYPE, ORDERING_KEY, RECEIVED_AT, LATE, FUTURE,
            CHUNKED, TRIMMED, TEXT_BYTES);

    private final JsonMapper json = new JsonMapper();
    private final JsonReader jsonReader;
    private final RoutingEventReader eventReader;
    private final EventEntries entries;
    private final Clock clock = Clock.systemUTC();

    public StoredEvents(JsonReader jsonReader, RoutingEventReader eventReader, EventEntries entries) {
        this.jsonReader = jsonReader;
        this.eventReader = eventReader;
        this.entries = entries;
    }

    /** A routing event, with what the failure that brought it here tells of its attempts, becomes a message. */
    public void pack(Exchange exchange) throws JsonProcessingException {
        Message message = exchange.getMessage();
        RoutingEvent event = message.getBody(RoutingEvent.class);
        byte[] body = event.text().getBytes(StandardCharsets.UTF_8);
        message.removeHeaders("*");
        message.setHeader(EVENT_ID, event.id());
        message.setHeader(EVENT_TYPE, event.eventType());
        message.setHeader(ORDERING_KEY, event.orderingKey());
        message.setHeader(RECEIVED_AT, event.receivedAt().toEpochMilli());
        message.setHeader(ENTERED_AT, clock.millis());
        message.setHeader(LATE, event.marks().late());
        message.setHeader(FUTURE, event.marks().future());
        message.setHeader(CHUNKED, !event.marks().chunks().isEmpty());
        message.setHeader(TRIMMED, json.writeValueAsString(event.marks().trimmed()));
        message.setHeader(TEXT_BYTES, (long) body.length);
        message.setHeader(CHECKSUM, checksum(body, message));
        message.setHeader(GROUP, group(event.orderingKey()));
        PublishFailure failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, PublishFailure.class);
        PublishAttempt attempt = failure == null ? null : failure.attempt();
        message.setHeader(ATTEMPTS, attempt == null ? 0 : attempt.number());
        message.setHeader(ACCEPTED_CHUNKS, json.writeValueAsString(PublishAttempt.acceptedEntries(exchange)));
        message.setHeader(ALONE_FAILURES, attempt == null ? 0 : attempt.aloneFailures());
        Exception reason = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        message.setHeader(REASON, reason == null ? "" : reason.getMessage());
        message.setBody(body);
    }

    /**
     * A message becomes the routing event that it was.
     *
     * @throws StoredEventDamaged where it cannot
     */
    public void unpack(Exchange exchange) throws JsonProcessingException {
        Message message = exchange.getMessage();
        RoutingEvent event = event(message.getBody(byte[].class), message);
        PublishAttempt.continueAfter(exchange, message.getHeader(ATTEMPTS, 0, Integer.class),
                message.getHeader(ALONE_FAILURES, 0, Integer.class),
                json.readValue(message.getHeader(ACCEPTED_CHUNKS, "[]", String.class), new TypeReference<>() { }));
        exchange.setProperty(ENTERED_AT, message.getHeader(ENTERED_AT, Long.class));
        message.setBody(event);
    }

    private RoutingEvent event(byte[] body, Message message) {
        Long checksum = message.getHeader(CHECKSUM, Long.class);
        if (body == null || checksum == null || checksum != checksum(body, message)) {
            throw new StoredEventDamaged("The checksum does not match the event");
        }
        try {
            Instant receivedAt = Instant.ofEpochMilli(message.getHeader(RECEIVED_AT, Long.class));
            RoutingEvent event = eventReader.read(jsonReader.read(new Delivery(name -> null, body, receivedAt)));
            List<String> trimmed = json.readValue(message.getHeader(TRIMMED, String.class), new TypeReference<>() { });
            RoutingEvent marked = event.marked(new Marks(message.getHeader(LATE, false, Boolean.class),
                    message.getHeader(FUTURE, false, Boolean.class), trimmed, List.of()));
            return message.getHeader(CHUNKED, false, Boolean.class) ? entries.cutAgain(marked) : marked;
        } catch (JsonProcessingException | Refused e) {
            throw new StoredEventDamaged("The event cannot be read: " + e.getMessage());
        }
    }

    /** Messages of one group are consumed one after the other. */
    static String group(String orderingKey) {
        return "key-" + Math.floorMod(orderingKey.hashCode(), GROUPS);
    }

    /** Over the text, and over what else stays the same for as long as the event is kept. */
    private static long checksum(byte[] body, Message message) {
        CRC32C checksum = new CRC32C();
        checksum.update(body);
        for (String name : CHECKED) {
            checksum.update(String.valueOf(message.getHeader(name)).getBytes(StandardCharsets.UTF_8));
            checksum.update(0);
        }
        return checksum.getValue();
    }
}
