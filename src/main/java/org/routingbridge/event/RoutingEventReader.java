package org.routingbridge.event;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.ethlo.time.ITU;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import org.routingbridge.settings.Settings;
import org.routingbridge.webhook.Refusal;
import org.routingbridge.webhook.Refused;
import org.routingbridge.webhook.Violation;

/** JSON that the schema has accepted becomes the one typed event that travels through the routes. */
public final class RoutingEventReader {

    /** Events without an ordering key share this one; a queue cannot be named like it by accident. */
    private static final String NO_KEY = "\u0000";

    /** RFC 3339, section 5.6; what a parser would let pass around it is no date-time. */
    private static final Pattern DATE_TIME = Pattern.compile("(\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:)(\\d\\d)"
            + "((?:\\.\\d+)?)([Zz]|[+-]\\d\\d:\\d\\d)");
    private static final LocalTime BEFORE_LEAP_SECOND = LocalTime.of(23, 59, 59);

    private final JsonPointer keyPointer;

    public RoutingEventReader(Settings settings) {
        keyPointer = settings.orderingKey();
    }

    /**
     * @throws Refused {@code schema_violation} where the timestamp has the form of a date-time and is none
     */
    public RoutingEvent read(UnvalidatedEvent event) {
        JsonNode json = event.json();
        String id = event.id();
        return new RoutingEvent(event.text(), event.body().length, id, event.eventType(),
                instant(json.get("timestamp").textValue()), key(json), RetryDirective.read(json.get("retryDirective")),
                EventTokens.ofEvent(id), event.receivedAt(), RoutingEvent.Marks.NONE);
    }

    private String key(JsonNode json) {
        JsonNode key = keyPointer.matches() ? null : json.at(keyPointer);
        return key == null || key.isMissingNode() || key.isNull() ? NO_KEY : key.isTextual() ? key.textValue()
                : key.toString();
    }

    /** RFC 3339, to the millisecond; a leap second is the start of the next second (contract, section 4). */
    private static Instant instant(String timestamp) {
        Matcher matcher = DATE_TIME.matcher(timestamp);
        if (matcher.matches()) {
            boolean leapSecond = "60".equals(matcher.group(2));
            String offset = matcher.group(4);
            String parseable = matcher.group(1) + (leapSecond ? "59" : matcher.group(2) + matcher.group(3))
                    + (offset.equals("-00:00") ? "Z" : offset);
            try {
                Instant instant = ITU.parseDateTime(parseable).toInstant().truncatedTo(ChronoUnit.MILLIS);
                if (!leapSecond) {
                    return instant;
                }
                if (instant.atOffset(ZoneOffset.UTC).toLocalTime().equals(BEFORE_LEAP_SECOND)) {
                    return instant.plusSeconds(1);
                }
            } catch (DateTimeException e) {
                // the refusal below is for all that is no date-time
            }
        }
        throw new Refused(Refusal.SCHEMA_VIOLATION, "The event does not match schema v1",
                List.of(new Violation("/timestamp", "must be an RFC 3339 date-time")));
    }
}
