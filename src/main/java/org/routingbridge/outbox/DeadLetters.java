package org.routingbridge.outbox;

import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.idempotency.SeenEvents;
import org.routingbridge.listing.Deleted;
import org.routingbridge.listing.JsonListStream;
import org.routingbridge.listing.ListQuery;
import org.routingbridge.listing.ListedEvent;
import org.routingbridge.listing.Replayed;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.store.Books.Entry;
import org.routingbridge.store.ClaimTable;
import org.routingbridge.store.DeadLetter;
import org.routingbridge.store.DeadLetterTable;
import org.routingbridge.store.NotificationTable;
import org.routingbridge.store.OutboxTable;
import org.routingbridge.store.Selection;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoredEvent;
import org.routingbridge.store.StoredNotification;
import org.routingbridge.store.Work;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What cannot be delivered, as an operator sees it: listed, sent again, deleted (contract, section 8). Events that
 * EventBridge will not take stand here, and notifications that the data lake will not take. What is done to many of
 * them is done in small transactions, so that the webhook's go in between.
 */
public final class DeadLetters {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final int STEP = 200;
    private static final Duration PROGRESS = Duration.ofSeconds(10);

    /** Places of damaged ones whose events are welcome again. */
    private final Set<Long> forgotten = ConcurrentHashMap.newKeySet();
    private final Store store;
    private final Outbox outbox;
    private final SeenEvents seenEvents;

    public DeadLetters(Store store, Outbox outbox, SeenEvents seenEvents, BridgeMetrics metrics) {
        this.store = store;
        this.outbox = outbox;
        this.seenEvents = seenEvents;
        metrics.gauge("bridge.dead.letters", "Dead letters", () -> store.books().of(Entry.DEAD_LETTER_ROWS));
    }

    /** A page of them as JSON, newest first. */
    public InputStream list(Exchange exchange) {
        ListQuery query = ListQuery.of(exchange);
        List<Long> places = store.read(session ->
                DeadLetterTable.page(session, query.selection(), query.limit(), query.offset()));
        return JsonListStream.of(places, seq -> {
            DeadLetter letter = store.read(session -> DeadLetterTable.at(session, seq));
            return letter == null ? null : ListedEvent.of(letter.listedId(), letter.eventId(), letter.reason(),
                    letter.attempts(), letter.atWall(), letter.text(), !letter.isDamaged());
        });
    }

    /**
     * Puts one back where it came from, as if it were new.
     *
     * @throws Refused {@code not_found} where there is none of this id
     */
    public Replayed replay(@Header("id") String id) {
        DeadLetter letter = find(id);
        if (letter.isDamaged()) {
            // once, since the event may have been sent again by the time that somebody tries for the second time
            if (!letter.isNotification() && forgotten.add(letter.seq())) {
                seenEvents.forget(letter.eventId());
            }
            throw new Refused(Refusal.MALFORMED_REQUEST,
                    "The dead letter is damaged; mend it by hand and send it to the webhook, then delete this one");
        }
        if (step(List.of(letter), true) == 0) {
            throw noSuchLetter();
        }
        return new Replayed(1);
    }

    private DeadLetter find(String id) {
        DeadLetter letter = store.read(session -> DeadLetterTable.find(session, id));
        if (letter == null) {
            throw noSuchLetter();
        }
        return letter;
    }

    private static Refused noSuchLetter() {
        return new Refused(Refusal.NOT_FOUND, "There is no dead letter of this id");
    }

    /** Puts all that are there now and are meant back where they came from. */
    public Replayed replayAll(Exchange exchange) {
        ListQuery query = ListQuery.ofAct(exchange);
        return query.dryRun() ? new Replayed(count(query.selection()), true)
                : new Replayed(all(query.selection(), true));
    }

    /**
     * @throws Refused {@code not_found} where there is none of this id
     */
    public void delete(@Header("id") String id) {
        if (step(List.of(find(id)), false) == 0) {
            throw noSuchLetter();
        }
    }

    /** Deletes all that are there now and are meant. */
    public Deleted deleteAll(Exchange exchange) {
        ListQuery query = ListQuery.ofAct(exchange);
        return query.dryRun() ? new Deleted(count(query.selection()), true)
                : new Deleted(all(query.selection(), false), null);
    }

    private long count(Selection selection) {
        return store.read(session -> DeadLetterTable.count(session, selection));
    }

    private long all(Selection selection, boolean replay) {
        long newest = store.read(DeadLetterTable::newest);
        long done = 0;
        long place = 0;
        long told = System.nanoTime();
        List<DeadLetter> some = next(selection, place, newest);
        while (!some.isEmpty()) {
            List<DeadLetter> meant = replay ? some.stream().filter(letter -> !letter.isDamaged()).toList() : some;
            done += step(meant, replay);
            place = some.get(some.size() - 1).seq();
            some = next(selection, place, newest);
            if (System.nanoTime() - told > PROGRESS.toNanos() && !some.isEmpty()) {
                told = System.nanoTime();
                LOG.info("Dead letters are being {} done={} left={}", replay ? "replayed" : "deleted", done,
                        store.books().of(Entry.DEAD_LETTER_ROWS));
            }
        }
        return done;
    }

    private List<DeadLetter> next(Selection selection, long after, long newest) {
        return store.read(session -> DeadLetterTable.next(session, selection, after, newest, STEP));
    }

    /** @return how many were still there */
    private long step(List<DeadLetter> letters, boolean replay) {
        long now = store.clock().millis();
        List<DeadLetter> moved = store.write(session -> {
            List<DeadLetter> there = new ArrayList<>();
            for (DeadLetter letter : letters) {
                if (DeadLetterTable.remove(session, letter)) {
                    there.add(letter);
                    if (replay) {
                        puttingBack(letter, now).in(session);
                    } else if (!letter.isNotification()) {
                        ClaimTable.leave(session, letter);
                    }
                }
            }
            return there;
        }).await();
        for (DeadLetter letter : moved) {
            if (!letter.isNotification() && !letter.isDamaged()) {
                seenEvents.startWindow(letter.eventId());
                if (replay) {
                    outbox.arrived(letter.orderingKey());
                }
            }
        }
        return moved.size();
    }

    private Work<Void> puttingBack(DeadLetter letter, long now) {
        return session -> {
            if (letter.isNotification()) {
                NotificationTable.insert(session, new StoredNotification(session.nextSeq(), letter.eventId(),
                        letter.text(), letter.receivedWall(), now, now, 0, "", true));
            } else {
                OutboxTable.insert(session, new StoredEvent(session.nextSeq(), letter.eventId(), letter.orderingKey(),
                        letter.text(), letter.about(), letter.receivedWall(), now, now, 0, 0, "[]", "", true));
            }
            return null;
        };
    }
}
