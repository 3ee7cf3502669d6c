package org.routingbridge.simulator;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import java.util.UUID;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Makes routing events like those that CXone sends, and ones that the bridge must refuse. The members are those of
 * schema v1 in the project's contract; all values are invented.
 */
public final class EventFactory {

    /** The types that the bridge registers for. */
    public static final List<String> EVENT_TYPES = List.of("routing:queue:member:added",
            "routing:queue:member:removed", "routing:conversation:queued");

    private static final List<String> REQUIRED = List.of("eventType", "timestamp", "routingContext", "retryDirective");
    private static final List<String> MEDIA = List.of("voice", "chat", "email", "sms");
    private static final List<String> LANGUAGES = List.of("en-GB", "de-DE", "fr-FR", "ja-JP");
    private static final Duration LATE = Duration.ofMinutes(2);
    private static final Duration AHEAD = Duration.ofMinutes(5);
    /** Over the limit of an entry, and with the rest of the event still under the limit of a request's body. */
    private static final int OVERSIZE_CHARACTERS = 270_000;

    private final Random random;
    private final Clock clock;

    /** Another event every time. */
    public EventFactory() {
        this(new Random().nextLong());
    }

    /** The same seed makes the same events, but for their timestamps. */
    public EventFactory(long seed) {
        this(seed, Clock.systemUTC());
    }

    /** The same seed and clock make the same events. */
    public EventFactory(long seed, Clock clock) {
        this.random = new Random(seed);
        this.clock = clock;
    }

    /** An event of now, of any type, in one of five queues. */
    public synchronized SampleEvent validEvent() {
        return validEvent(newId(), "queue-" + (1 + random.nextInt(5)), clock.instant());
    }

    /** An event of any type. */
    public synchronized SampleEvent validEvent(String id, String queueId, Instant timestamp) {
        ObjectNode event = Json.object()
                .put("id", id)
                .put("eventType", oneOf(EVENT_TYPES))
                .put("timestamp", timestamp.truncatedTo(ChronoUnit.MILLIS).toString())
                .put("schemaVersion", "v1.0");
        event.set("routingContext", routingContext(queueId));
        event.putObject("retryDirective")
                .put("maxAttempts", 3 + random.nextInt(3))
                .put("backoffMs", 250 * (1 + random.nextInt(4)));
        return new SampleEvent(event);
    }

    /** An event that lay two minutes on the way: refused where a newer one of its queue went before it. */
    public SampleEvent lateEvent(String queueId) {
        return validEvent(newId(), queueId, clock.instant().minus(LATE));
    }

    /** An event dated five minutes ahead of the clock. */
    public SampleEvent futureEvent(String queueId) {
        return validEvent(newId(), queueId, clock.instant().plus(AHEAD));
    }

    /** An event that lacks one of its required properties, though never its id. */
    public SampleEvent invalidEvent() {
        return validEvent().without(oneOf(REQUIRED));
    }

    /** An event too large for an entry of 262,144 bytes because of a string, which no trimming of arrays helps. */
    public SampleEvent oversizeEvent() {
        return validEvent().with("/routingContext/transcript", "lorem ipsum ".repeat(OVERSIZE_CHARACTERS / 12));
    }

    /** A new event id. */
    public synchronized String newId() {
        long high = random.nextLong() & ~0xF000L | 0x4000L;
        long low = random.nextLong() & 0x3FFFFFFFFFFFFFFFL | 0x8000000000000000L;
        return new UUID(high, low).toString();
    }

    private ObjectNode routingContext(String queueId) {
        ObjectNode context = Json.object()
                .put("queueId", queueId)
                .put("queueName", "Service desk " + queueId)
                .put("skillId", "skill-" + (100 + random.nextInt(20)))
                .put("agentId", "agent-" + (1000 + random.nextInt(500)))
                .put("waitTimeMs", random.nextInt(180_000))
                .put("mediaType", oneOf(MEDIA))
                .put("contactId", Integer.toString(400_000_000 + random.nextInt(1_000_000)))
                .put("position", 1 + random.nextInt(40))
                .put("priority", 1 + random.nextInt(10))
                .put("language", oneOf(LANGUAGES));
        ArrayNode skills = context.putArray("requiredSkills");
        for (int i = 0; i <= random.nextInt(4); i++) {
            skills.addObject().put("skillId", "skill-" + (100 + random.nextInt(20))).put("level", random.nextInt(20));
        }
        context.putObject("attributes")
                .put("customerTier", random.nextInt(4) == 0 ? "gold" : "standard")
                .put("callback", random.nextBoolean())
                .put("sentiment", (2 * random.nextInt(100) - 99) / 100.0);
        return context;
    }

    private synchronized <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
