package org.routingbridge.history;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.routingbridge.event.Received;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.Timestamps;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PutResult;
import org.routingbridge.listing.ListQuery;
import org.routingbridge.listing.QueryParameters;

/**
 * The story of each recent event of this process: the newest 10,000 or 64 MB of them (contract, section 9). It is told
 * where the audit log is, and no event waits for it. What came before a restart is in the audit log alone.
 */
public final class EventHistory {

    static final int MOST = 10_000;
    private static final long MOST_BYTES = 64L * 1024 * 1024;

    private final Map<String, EventStory> byId = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<EventStory> ring = new AtomicReferenceArray<>(MOST);
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong oldest = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final Clock clock;
    private final long mostBytes;

    public EventHistory() {
        this(Clock.systemUTC(), MOST_BYTES);
    }

    EventHistory(Clock clock, long mostBytes) {
        this.clock = clock;
        this.mostBytes = mostBytes;
    }

    /** An attempt ended, for each answer it got. */
    public void attempted(PublishAttempt attempt) {
        tell(attempt.event(), story -> {
            for (PutResult result : attempt.results()) {
                story.attempted(now(), result, attempt.number(), attempt.entryBytes());
            }
        });
    }

    /** The event was accepted before. */
    public void duplicate(RoutingEvent event) {
        tell(event, story -> story.duplicate(now()));
    }

    /** The event is in the outbox. */
    public void queued(RoutingEvent event) {
        tell(event, story -> story.queued(now()));
    }

    /** The event is among the dead letters. */
    public void deadLettered(RoutingEvent event, String reason) {
        tell(event, story -> story.deadLettered(now(), reason));
    }

    /** An event of the outbox is among the dead letters, since the disk has changed it. */
    public void damaged(String eventId, String reason) {
        EventStory story = byId.get(eventId);
        if (story != null) {
            tell(story, told -> told.deadLettered(now(), reason));
        }
    }

    /**
     * The sender was told to keep its event.
     *
     * @param code the reply's word
     */
    public void rejected(Received received, String code, String reason) {
        tell(received, story -> story.rejected(now(), code, reason, received instanceof RoutingEvent));
    }

    /** What became of an event's notification. */
    public void dataLake(String eventId, DataLakeState state, String error) {
        EventStory story = eventId == null ? null : byId.get(eventId);
        if (story != null) {
            tell(story, told -> told.dataLake(now(), state, error));
        }
    }

    private long now() {
        return clock.millis();
    }

    private void tell(Received received, Consumer<EventStory> what) {
        String id = EventStory.idOf(received);
        boolean isTold = false;
        while (!isTold) {
            EventStory story = id == null ? null : byId.get(id);
            if (story == null) {
                story = new EventStory(received);
                EventStory present = id == null ? null : byId.putIfAbsent(id, story);
                if (present == null) {
                    enter(story);
                } else {
                    story = present;
                }
            }
            // else it had to make room just then, and a new one begins
            isTold = tell(story, what);
        }
    }

    /** Whether it is remembered still. */
    private boolean tell(EventStory story, Consumer<EventStory> what) {
        int more;
        synchronized (story) {
            if (story.isForgotten()) {
                return false;
            }
            int before = story.bytes();
            what.accept(story);
            more = story.isCounted() ? story.bytes() - before : 0;
        }
        if (bytes.addAndGet(more) > mostBytes) {
            makeRoom();
        }
        return true;
    }

    private void enter(EventStory story) {
        synchronized (story) {
            story.counted();
            bytes.addAndGet(story.bytes());
        }
        long place = next.getAndIncrement();
        forget(ring.getAndSet((int) (place % MOST), story));
    }

    private void makeRoom() {
        while (bytes.get() > mostBytes && oldest.get() < next.get()) {
            long place = oldest.getAndUpdate(last -> Math.max(last, next.get() - MOST) + 1);
            place = Math.max(place, next.get() - MOST);
            forget(ring.getAndSet((int) (place % MOST), null));
        }
    }

    private void forget(EventStory story) {
        if (story == null) {
            return;
        }
        if (story.id() != null) {
            byId.remove(story.id(), story);
        }
        synchronized (story) {
            bytes.addAndGet(-story.bytes());
            story.forgotten();
        }
    }

    /**
     * What {@code GET /ops/events} answers: those that match, newest first, without their steps.
     *
     * @throws Refused {@code malformed_request} where the query cannot be understood
     */
    public List<Story> list(Exchange exchange) {
        ListQuery query = ListQuery.of(exchange);
        return list(new StoryFilter(QueryParameters.of(exchange), query), query.limit(), query.offset());
    }

    private List<Story> list(Predicate<EventStory> meant, int limit, int offset) {
        List<Story> found = new ArrayList<>();
        long newest = next.get();
        int skipped = 0;
        for (long place = newest - 1; place >= Math.max(0, newest - MOST) && found.size() < limit; place--) {
            EventStory story = ring.get((int) (place % MOST));
            if (story != null && meant.test(story) && skipped++ >= offset) {
                found.add(story.summary());
            }
        }
        return found;
    }

    /**
     * What {@code GET /ops/events/{id}} answers.
     *
     * @throws Refused {@code not_found} where it is not known, or no longer
     */
    public Story story(@Header("id") String id) {
        EventStory story = byId.get(EventStory.keyOf(id));
        if (story == null) {
            throw new Refused(Refusal.NOT_FOUND, "This process knows of no recent event of this id; look in the audit"
                    + " log, which goes back further");
        }
        return story.whole();
    }

    static String format(long millis) {
        return Timestamps.format(Instant.ofEpochMilli(millis));
    }
}
