package org.routingbridge.ordering;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.apache.camel.Exchange;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.settings.Settings;
import org.routingbridge.settings.Settings.OrderingPolicy;

/**
 * Knows the watermark of every ordering key, which is its newest event made safe, and holds new events against it
 * (contract, section 3, "Ordering").
 */
public final class Watermarks {

    private static final int KEYS = 100_000;
    private static final Duration IDLE = Duration.ofHours(1);
    private static final String AHEAD = "ahead of the clock;";
    private static final String BEHIND = "older than the newest event of its ordering key;";

    private final OrderingPolicy policy;
    private final Duration tolerance;
    private final Duration maxFutureSkew;
    private final Clock clock;
    private final Cache<String, Instant> watermarks = Caffeine.newBuilder().executor(Runnable::run)
            .maximumSize(KEYS).expireAfterAccess(IDLE).build();
    /** Ids that have passed and are under way. Most become safe, and never cost more than this. */
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    /** Ids that have passed and then failed. */
    private final Cache<String, Boolean> passed;

    public Watermarks(Settings settings) {
        this(settings, Clock.systemUTC());
    }

    Watermarks(Settings settings, Clock clock) {
        policy = settings.orderingPolicy();
        tolerance = settings.orderingTolerance();
        maxFutureSkew = settings.orderingMaxFutureSkew();
        passed = Caffeine.newBuilder().executor(Runnable::run)
                .maximumSize(KEYS).expireAfterWrite(settings.idempotencyTtl()).build();
        this.clock = clock;
    }

    /**
     * Holds an event against its key's watermark and the clock. One that passed before and was then refused by our
     * fault passes again, whatever has come since.
     *
     * @return the event, marked late or future where the policy is to flag it
     * @throws Refused {@code ordering_violation} where the policy is to reject it
     */
    public RoutingEvent check(RoutingEvent event) {
        RoutingEvent checked = judge(event, watermarks.getIfPresent(event.orderingKey()));
        if (policy != OrderingPolicy.OFF) {
            if (underWay.size() >= KEYS) {
                // a route that was edited tells of no failures
                underWay.clear();
            }
            underWay.add(event.id());
        }
        return checked;
    }

    /**
     * The same, without a trace of it.
     *
     * @throws Refused {@code ordering_violation} where the policy is to reject it
     */
    public RoutingEvent judge(RoutingEvent event) {
        return judge(event, watermarks.policy().getIfPresentQuietly(event.orderingKey()));
    }

    private RoutingEvent judge(RoutingEvent event, Instant watermark) {
        if (policy == OrderingPolicy.OFF) {
            return event;
        }
        RoutingEvent checked = event;
        if (isAheadOfTheSkew(event)) {
            refuse(event, "is dated more than " + seconds(maxFutureSkew) + " " + AHEAD
                    + " check the sender's clock");
            checked = checked.markedFuture();
        }
        if (watermark != null && event.timestamp().isBefore(watermark.minus(tolerance))) {
            refuse(event, "is more than " + seconds(tolerance) + " " + BEHIND
                    + " it came too late to be put in order");
            checked = checked.markedLate();
        }
        return checked;
    }

    /**
     * Marks an event that is taken although it was refused for its time. What was wrong with that may no longer show:
     * the clock goes on, and another process knows no watermarks yet.
     *
     * @param reason what {@link #check} said when it refused it; anything else leaves the event as it is
     */
    public static RoutingEvent markedByRefusal(RoutingEvent event, String reason) {
        return reason.contains(AHEAD) ? event.markedFuture() : reason.contains(BEHIND) ? event.markedLate() : event;
    }

    private void refuse(RoutingEvent event, String reason) {
        if (policy == OrderingPolicy.REJECT && !hasPassed(event.id())) {
            throw new Refused(Refusal.ORDERING_VIOLATION, "The event " + reason);
        }
    }

    /** Where the exchange's event is safe, its key's watermark moves up to it, unless it is dated ahead of the skew. */
    public void advance(Exchange exchange) {
        if (Outcome.of(exchange) != null) {
            advance(exchange.getMessage().getBody(RoutingEvent.class));
        }
    }

    void advance(RoutingEvent event) {
        underWay.remove(event.id());
        if (!passed.asMap().isEmpty()) {
            passed.invalidate(event.id());
        }
        if (moves(event)) {
            raise(event.orderingKey(), event.timestamp());
        }
    }

    /** Whether a key's watermark moves up to an event once that is safe. */
    public boolean moves(RoutingEvent event) {
        return !event.marks().future() && !isAheadOfTheSkew(event);
    }

    /** Another bridge has made an event of this time safe. */
    public void raise(String orderingKey, Instant timestamp) {
        watermarks.asMap().merge(orderingKey, timestamp, (old, now) -> now.isAfter(old) ? now : old);
    }

    /** Whether an event has passed and is not safe yet. */
    public boolean hasPassed(String id) {
        return underWay.contains(id) || passed.getIfPresent(id) != null;
    }

    /** An event could not be made safe; where it has passed, it passes again. */
    public void failed(String id) {
        if (underWay.contains(id)) {
            // in this order, so that it has passed at every moment
            passed.put(id, Boolean.TRUE);
            underWay.remove(id);
        }
    }

    /** An event has passed at another bridge, which then failed with it. */
    public void hasPassedElsewhere(String id) {
        passed.put(id, Boolean.TRUE);
    }

    /** By the wall clock, as the sender's timestamps are; what is kept here lasts by the time that passes. */
    private boolean isAheadOfTheSkew(RoutingEvent event) {
        return event.timestamp().isAfter(clock.instant().plus(maxFutureSkew));
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
