package org.routingbridge.history;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.routingbridge.event.Received;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.PutResult;
import org.routingbridge.history.Story.DataLake;
import org.routingbridge.history.Story.Entry;
import org.routingbridge.history.Story.Step;

/**
 * What is remembered of an event: as little as its {@link Story} can be made of. It is used again for another event
 * once that is forgotten, and what nearly all events have is in numbers and characters of its own: thousands of small
 * objects that live for a second are what a collection takes longest with.
 */
final class EventStory {

    private static final int LONGEST_NAME = 128;
    private static final int BEGINNING = 91;
    private static final int LONGEST_ERROR = 512;
    /** An event that is tried for a day has hundreds of attempts, of which the first and the last ones tell most. */
    private static final int MOST_STEPS = 40;
    private static final int FIRST_STEPS = 8;
    private static final int BYTES = 300;
    private static final int STEP_BYTES = 140;

    private static final String SUCCESS = "success";
    private static final String REPLY = "reply";
    private static final String PASSED = "passed";
    private static final String DUPLICATE_SKIPPED = "duplicate_skipped";
    private static final String QUEUED = "queued";
    private static final String DEAD_LETTERED = "dead_lettered";

    /** @param latencyMillis below zero where it has none */
    private record Told(long at, String step, String result, int latencyMillis, String error) {
    }

    private final ShortText id = new ShortText();
    private String eventType;
    private String queueId;
    private long receivedAt;
    /** The first step where it is an attempt that succeeded, by its number; 0 where it is none. */
    private int firstAttempt;
    private long firstAt;
    private int firstLatencyMillis;
    /** All steps, where there are more than that one; else null. */
    private List<Told> steps;
    private Check failed;
    /** How many checks it has passed. */
    private int passed;
    private String outcome;
    private int entryBytes;
    private final ShortText eventBridgeEventId = new ShortText();
    /** Null where there is nothing to tell of it. */
    private DataLakeState dataLake;
    private long dataLakeAt;
    private String dataLakeError;
    /** 0 while it is of no event. */
    private int bytes;

    /**
     * From here on it is of this event.
     *
     * @param key   of {@link #idOf}
     * @param names that come again and again
     */
    void begin(Received received, String key, SameNames names) {
        id.set(key);
        eventType = names.same(shortened(received.eventType(), LONGEST_NAME));
        queueId = received instanceof RoutingEvent event ? names.same(shortened(event.queueId(), LONGEST_NAME)) : null;
        receivedAt = received.receivedAt().toEpochMilli();
        bytes = BYTES + length(key) + length(eventType) + length(queueId);
    }

    /** From here on it is of no event. */
    void forget() {
        id.set(null);
        eventType = null;
        queueId = null;
        firstAttempt = 0;
        steps = null;
        failed = null;
        passed = 0;
        outcome = null;
        entryBytes = 0;
        eventBridgeEventId.set(null);
        dataLake = null;
        dataLakeError = null;
        bytes = 0;
    }

    boolean isForgotten() {
        return bytes == 0;
    }

    /** The event's id, as far as anybody wants to read it; null where it has none. */
    static String idOf(Received received) {
        return received.id() == null ? null : keyOf(received.id());
    }

    /** An id, a long one by its beginning and a digest of the whole. */
    static String keyOf(String id) {
        return id.length() <= LONGEST_NAME ? id : id.substring(0, BEGINNING) + '…'
                + UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8));
    }

    private static String shortened(String text, int length) {
        return text == null || text.length() <= length ? text : text.substring(0, length - 1) + '…';
    }

    private static int length(String text) {
        return text == null ? 0 : 2 * text.length();
    }

    boolean hasId() {
        return !id.isNone();
    }

    boolean isOf(String key) {
        return id.is(key);
    }

    boolean hasIdThatBeginsWith(String beginning) {
        return id.startsWith(beginning);
    }

    String eventType() {
        return eventType;
    }

    String queueId() {
        return queueId;
    }

    long receivedAt() {
        return receivedAt;
    }

    String outcome() {
        return outcome;
    }

    /** What it takes in memory, or a little more. */
    int bytes() {
        return bytes;
    }

    private void add(Told step) {
        if (steps == null) {
            steps = told();
        }
        if (steps.size() == MOST_STEPS) {
            bytes -= STEP_BYTES + length(steps.remove(FIRST_STEPS).error());
        }
        bytes += STEP_BYTES + length(step.error());
        steps.add(step);
    }

    private void firstSucceeded(long at, int number, int latencyMillis) {
        firstAttempt = number;
        firstAt = at;
        firstLatencyMillis = latencyMillis;
        bytes += STEP_BYTES;
    }

    /** Its steps, in a list that may be added to. */
    private List<Told> told() {
        if (steps != null) {
            return steps;
        }
        List<Told> all = new ArrayList<>(2);
        if (firstAttempt > 0) {
            all.add(attempt(firstAt, firstAttempt, SUCCESS, firstLatencyMillis, null));
        }
        return all;
    }

    private static Told attempt(long at, int number, String result, int latencyMillis, String error) {
        return new Told(at, "attempt " + number, result, latencyMillis, error);
    }

    private int sinceReceipt(long at) {
        return (int) Math.max(0, at - receivedAt);
    }

    void attempted(long at, PutResult result, int number, int bytesOfEntries) {
        hasPassedAll();
        if (result.latency() != null) {
            int latencyMillis = (int) result.latency().toMillis();
            if (result.isAccepted() && result.error() == null && firstAttempt == 0 && steps == null) {
                firstSucceeded(at, number, latencyMillis);
            } else {
                add(attempt(at, number, result.isAccepted() ? SUCCESS : "failure", latencyMillis,
                        shortened(result.error(), LONGEST_ERROR)));
            }
        }
        entryBytes = bytesOfEntries;
        if (result.isAccepted()) {
            eventBridgeEventId.set(result.eventBridgeEventId());
            bytes += length(result.eventBridgeEventId());
            outcome = "processed";
        }
    }

    private void hasPassedAll() {
        failed = null;
        passed = Check.values().length;
    }

    void duplicate(long at) {
        add(new Told(at, REPLY, DUPLICATE_SKIPPED, -1, null));
        if (outcome == null) {
            passed = Check.DUPLICATE.ordinal();
            failed = Check.DUPLICATE;
            outcome = DUPLICATE_SKIPPED;
        }
    }

    void queued(long at) {
        hasPassedAll();
        add(new Told(at, "outbox", QUEUED, sinceReceipt(at), null));
        outcome = QUEUED;
    }

    void deadLettered(long at, String reason) {
        hasPassedAll();
        add(new Told(at, "dead_letter", DEAD_LETTERED, sinceReceipt(at), shortened(reason, LONGEST_ERROR)));
        outcome = DEAD_LETTERED;
    }

    /** @param isValid whether it was an event by then, and the fault was not its own unless a check says so */
    void rejected(long at, String code, String reason, boolean isValid) {
        boolean isSafe = outcome != null && (outcome.equals("processed") || outcome.equals(QUEUED)
                || outcome.equals(DEAD_LETTERED));
        add(new Told(at, REPLY, code, sinceReceipt(at), shortened(reason, LONGEST_ERROR)));
        if (!isSafe) {
            failed = Check.of(code);
            passed = failed != null ? failed.ordinal() : isValid ? Check.values().length : 1;
            outcome = code;
        }
    }

    void dataLake(long at, DataLakeState state, String error) {
        bytes += dataLake == null ? STEP_BYTES : -length(dataLakeError);
        dataLake = state;
        dataLakeAt = at;
        dataLakeError = shortened(error, LONGEST_ERROR);
        bytes += length(dataLakeError);
    }

    /** Without its steps. */
    Story summary() {
        return story(null);
    }

    Story whole() {
        String received = EventHistory.format(receivedAt);
        List<Step> all = new ArrayList<>();
        all.add(new Step(received, "received", PASSED, null, null));
        for (int i = 0; i < passed; i++) {
            all.add(new Step(received, Check.values()[i].word(), PASSED, null, null));
        }
        if (failed != null) {
            all.add(new Step(received, failed.word(), "failed", null, null));
        }
        for (Told step : told()) {
            all.add(new Step(EventHistory.format(step.at()), step.step(), step.result(),
                    step.latencyMillis() < 0 ? null : Long.valueOf(step.latencyMillis()), step.error()));
        }
        return story(all);
    }

    private Story story(List<Step> all) {
        return new Story(id.get(), eventType, queueId, EventHistory.format(receivedAt), outcome, all,
                entryBytes == 0 ? null : new Entry(entryBytes, eventBridgeEventId.get()),
                dataLake == null ? null : new DataLake(dataLake.word(), EventHistory.format(dataLakeAt),
                        dataLakeError));
    }
}
