package org.routingbridge.event;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

import org.routingbridge.settings.Settings;
import org.routingbridge.settings.SettingsForTests;

/** Routing events for unit tests, read by the bridge's own readers. */
public final class EventsForTests {

    /** When every one of them was received. */
    public static final Instant RECEIVED_AT = Instant.parse("2026-05-04T12:00:00Z");
    /** The id of {@link #event()}. */
    public static final String ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

    private static final JsonReader READER = new JsonReader();

    private EventsForTests() {
    }

    /** A small event of the moment it was received. */
    public static RoutingEvent event() {
        return read(json(ID, "2026-05-04T12:00:00Z", "{\"queueId\":\"q1\"}"));
    }

    /** A small event of this queue and time. */
    public static RoutingEvent event(String id, String queue, Instant timestamp) {
        return read(json(id, timestamp.toString(), "{\"queueId\":\"" + queue + "\"}"));
    }

    /** The event that this text is. */
    public static RoutingEvent read(String json) {
        return read(json, SettingsForTests.with());
    }

    /** The event that this text is under these settings. */
    public static RoutingEvent read(String json, Settings settings) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        return new RoutingEventReader(settings).read(READER.read(new Delivery(name -> null, body, RECEIVED_AT)));
    }

    /** An event's text. */
    public static String json(String id, String timestamp, String routingContext) {
        return "{\"id\":\"" + id + "\",\"eventType\":\"routing:queue:member:added\",\"timestamp\":\"" + timestamp
                + "\",\"routingContext\":" + routingContext
                + ",\"retryDirective\":{\"maxAttempts\":3,\"backoffMs\":100}}";
    }
}
