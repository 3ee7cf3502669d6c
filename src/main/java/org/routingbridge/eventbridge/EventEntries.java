package org.routingbridge.eventbridge;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

import org.routingbridge.event.RoutingEvent;
import org.routingbridge.settings.Settings;
import org.routingbridge.webhook.Refusal;
import org.routingbridge.webhook.Refused;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;

/**
 * An event becomes a PutEvents entry: its {@code Detail} is the received text with the property {@code bridge} added
 * before the last brace (contract, section 4).
 */
public final class EventEntries {

    private static final DateTimeFormatter MILLIS = new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private final String bus;
    private final String source;
    private final int maxBytes;
    private final Duration tolerance;
    private final Clock clock;

    public EventEntries(Settings settings) {
        this(settings, Clock.systemUTC());
    }

    EventEntries(Settings settings, Clock clock) {
        bus = settings.eventBus();
        source = settings.eventSource();
        maxBytes = settings.maxEntryBytes();
        tolerance = settings.orderingTolerance();
        this.clock = clock;
    }

    /**
     * @throws Refused {@code entry_too_large} where the entry would be over EventBridge's limit
     */
    public void checkSize(RoutingEvent event) {
        int bytes = size(event, bridge(event, false, false));
        if (bytes > maxBytes) {
            throw new Refused(Refusal.ENTRY_TOO_LARGE, "The event makes an entry of " + bytes + " bytes, and EventBridge"
                    + " takes " + maxBytes + "; send less in routingContext");
        }
    }

    /** An entry with its size by AWS's count. */
    record Sized(PutEventsRequestEntry entry, int bytes) {
    }

    /** The entry as it goes out now: {@code late} and {@code future} where they apply and there is room for them. */
    Sized entry(RoutingEvent event) {
        boolean late = event.late() || clock.instant().isAfter(event.receivedAt().plus(tolerance));
        String bridge = bridge(event, late, event.future());
        if ((late || event.future()) && size(event, bridge) > maxBytes) {
            bridge = bridge(event, false, false);
        }
        String text = event.text();
        int lastBrace = text.lastIndexOf('}');
        String detail = new StringBuilder(text.length() + bridge.length())
                .append(text, 0, lastBrace).append(bridge).append(text, lastBrace, text.length()).toString();
        PutEventsRequestEntry entry = PutEventsRequestEntry.builder()
                .eventBusName(bus)
                .source(source)
                .detailType(event.eventType())
                .time(event.timestamp())
                .detail(detail)
                .build();
        return new Sized(entry, size(event, bridge));
    }

    private int size(RoutingEvent event, String bridge) {
        return EntrySize.of(source, event.eventType(), event.utf8Length() + EntrySize.utf8Length(bridge));
    }

    private static String bridge(RoutingEvent event, boolean late, boolean future) {
        return ",\"bridge\":{\"idempotencyToken\":\"" + event.idempotencyToken()
                + "\",\"receivedAt\":\"" + format(event.receivedAt()) + '"'
                + (late ? ",\"late\":true" : "")
                + (future ? ",\"future\":true" : "")
                + '}';
    }

    /** RFC 3339 in UTC with three digits of a second, so that its length is always the same. */
    static String format(Instant instant) {
        return MILLIS.format(instant);
    }
}
