package org.routingbridge.history;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

    /** Held for less than a microsecond at a time, also by who reads. */
    private final Object lock = new Object();
    /** The event of each number, counted from 0, is at the number's rest. */
    private final EventStory[] ring = new EventStory[MOST];
    private final PlacesById places = new PlacesById(ring);
    private final SameNames names = new SameNames();
    private long next;
    private long oldest;
    private long bytes;
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
        tellIfKnown(eventId, story -> story.deadLettered(now(), reason));
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
        tellIfKnown(eventId, story -> story.dataLake(now(), state, error));
    }

    private long now() {
        return clock.millis();
    }

    private void tell(Received received, Consumer<EventStory> what) {
        String key = EventStory.idOf(received);
        long hash = hash(key);
        synchronized (lock) {
            EventStory known = find(key, hash);
            tell(known == null ? enter(received, key, hash) : known, what);
        }
    }

    private void tellIfKnown(String eventId, Consumer<EventStory> what) {
        long hash = hash(eventId);
        synchronized (lock) {
            EventStory known = find(eventId, hash);
            if (known != null) {
                tell(known, what);
            }
        }
    }

    private long hash(String key) {
        return key == null ? 0 : places.hash(key);
    }

    private EventStory find(String key, long hash) {
        int place = key == null ? PlacesById.NONE : places.find(key, hash);
        return place == PlacesById.NONE ? null : ring[place];
    }

    private void tell(EventStory story, Consumer<EventStory> what) {
        int before = story.bytes();
        what.accept(story);
        bytes += story.bytes() - before;
        while (bytes > mostBytes && oldest < next) {
            forget(placeOf(oldest));
            oldest++;
        }
    }

    private EventStory enter(Received received, String key, long hash) {
        int place = placeOf(next);
        if (ring[place] == null) {
            ring[place] = new EventStory();
        }
        forget(place);
        EventStory story = ring[place];
        story.begin(received, key, names);
        if (key != null) {
            places.add(hash, place);
        }
        bytes += story.bytes();
        next++;
        oldest = Math.max(oldest, next - MOST);
        return story;
    }

    private static int placeOf(long number) {
        return (int) (number % MOST);
    }

    private void forget(int place) {
        EventStory story = ring[place];
        if (story.isForgotten()) {
            return;
        }
        if (story.hasId()) {
            places.remove(place);
        }
        bytes -= story.bytes();
        story.forget();
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
        long number;
        synchronized (lock) {
            number = next - 1;
        }
        int skipped = 0;
        while (found.size() < limit) {
            // for each anew, so that whoever tells something waits for one of them at most
            synchronized (lock) {
                if (number < oldest) {
                    break;
                }
                EventStory story = ring[placeOf(number)];
                if (meant.test(story) && skipped++ >= offset) {
                    found.add(story.summary());
                }
            }
            number--;
        }
        return found;
    }

    /**
     * What {@code GET /ops/events/{id}} answers.
     *
     * @throws Refused {@code not_found} where it is not known, or no longer
     */
    public Story story(@Header("id") String id) {
        String key = EventStory.keyOf(id);
        long hash = hash(key);
        synchronized (lock) {
            EventStory story = find(key, hash);
            if (story != null) {
                return story.whole();
            }
        }
        throw new Refused(Refusal.NOT_FOUND, "This process knows of no recent event of this id; look in the audit"
                + " log, which goes back further");
    }

    static String format(long millis) {
        return Timestamps.format(Instant.ofEpochMilli(millis));
    }
}
