package org.routingbridge.outbox;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.camel.Exchange;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.JsonReader;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.RoutingEvent.Marks;
import org.routingbridge.event.RoutingEventReader;
import org.routingbridge.event.TraceContext;
import org.routingbridge.eventbridge.EventEntries;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PublishFailure;
import org.routingbridge.eventbridge.RetryPolicy;
import org.routingbridge.store.DeadLetter;
import org.routingbridge.store.SteadyClock;
import org.routingbridge.store.StoredEvent;
import org.routingbridge.store.StoredText;

/**
 * A routing event becomes a row of the store and a routing event again. The row holds the event's text; what else the
 * bridge knows of it stands beside that as JSON.
 */
public final class StoredEvents {

    /** What the bridge knows of an event that its text does not say. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record About(String eventType, boolean late, boolean future, List<String> trimmed, boolean chunked,
                         String traceparent) {
    }

    /** In ASCII alone: an event's texts may hold what no database takes as text. */
    private static final JsonMapper JSON = JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private final JsonReader jsonReader;
    private final RoutingEventReader eventReader;
    private final EventEntries entries;
    private final RetryPolicy retryPolicy;
    private final SteadyClock clock;

    public StoredEvents(JsonReader jsonReader, RoutingEventReader eventReader, EventEntries entries,
                        RetryPolicy retryPolicy, SteadyClock clock) {
        this.jsonReader = jsonReader;
        this.eventReader = eventReader;
        this.entries = entries;
        this.retryPolicy = retryPolicy;
        this.clock = clock;
    }

    /**
     * A row for an event, with what the failure that brought it here tells of its attempts: those that its directive
     * leaves go on at the directive's pace.
     */
    StoredEvent packNew(RoutingEvent event, Exchange exchange) {
        PublishFailure failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, PublishFailure.class);
        PublishAttempt attempt = failure == null ? null : failure.attempt();
        long now = clock.millis();
        long dueAt = now + retryPolicy.pauseBeforeOutbox(event, attempt == null ? 0 : attempt.number()).toMillis();
        return new StoredEvent(0, event.id(), event.orderingKey(), event.text().getBytes(StandardCharsets.UTF_8),
                about(event), event.receivedAt().toEpochMilli(), now, dueAt, attempt == null ? 0 : attempt.number(),
                attempt == null ? 0 : attempt.aloneFailures(), accepted(exchange),
                failure == null ? "" : StoredText.of(failure.getMessage()), true);
    }

    /** A dead letter of an event that was not in the outbox. */
    DeadLetter dead(RoutingEvent event, int attempts, String reason) {
        return new DeadLetter(0, event.id(), event.id(), event.orderingKey(),
                event.text().getBytes(StandardCharsets.UTF_8), about(event), event.receivedAt().toEpochMilli(),
                System.currentTimeMillis(), clock.millis(), StoredText.of(reason), attempts);
    }

    /** A dead letter of an event that is in the outbox. */
    DeadLetter dead(StoredEvent stored, int attempts, String reason) {
        return new DeadLetter(0, stored.eventId(), stored.eventId(), stored.orderingKey(), stored.text(),
                stored.about(), stored.receivedWall(), System.currentTimeMillis(), clock.millis(),
                StoredText.of(reason), attempts);
    }

    private static String about(RoutingEvent event) {
        return write(new About(event.eventType(), event.marks().late(), event.marks().future(),
                event.marks().trimmed(), !event.marks().chunks().isEmpty(),
                event.trace() == null ? null : event.trace().traceparent()));
    }

    /** The entries of the exchange's event that EventBridge has taken so far. */
    static String accepted(Exchange exchange) {
        return write(PublishAttempt.acceptedEntries(exchange));
    }

    private static String write(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * A row becomes the routing event that it was, and its exchange goes on counting its attempts.
     *
     * @throws StoredEventDamaged where it cannot
     */
    public void unpack(Exchange exchange) throws JsonProcessingException {
        StoredEvent stored = exchange.getMessage().getBody(StoredEvent.class);
        exchange.getMessage().setBody(read(stored));
        PublishAttempt.continueAfter(exchange, stored.attempts(), stored.aloneFailures(),
                JSON.readValue(stored.acceptedEntries(), new TypeReference<>() { }));
    }

    private RoutingEvent read(StoredEvent stored) {
        if (!stored.isIntact()) {
            throw new StoredEventDamaged("damaged: The checksum does not match the event");
        }
        try {
            About about = JSON.readValue(stored.about(), About.class);
            RoutingEvent event = eventReader.read(jsonReader.read(new Delivery(name -> null, stored.text(),
                    Instant.ofEpochMilli(stored.receivedWall()), TraceContext.read(about.traceparent()))));
            RoutingEvent marked = event.marked(new Marks(about.late(), about.future(), about.trimmed(), List.of()));
            return about.chunked() ? entries.cutAgain(marked) : marked;
        } catch (JsonProcessingException | Refused e) {
            throw new StoredEventDamaged("damaged: The event cannot be read");
        }
    }
}
