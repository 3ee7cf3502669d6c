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
 * What is remembered of an event: as little as its {@link Story} can be made of. Whoever tells something holds its
 * lock.
 */
final class EventStory {

    private static final int LONGEST_NAME = 128;
    private static final int BEGINNING = 91;
    private static final int LONGEST_ERROR = 512;
    /** An event that is tried for a day has hundreds of attempts, of which the first ones and the last ones tell most. */
    private static final int MOST_STEPS = 40;
    private static final int FIRST_STEPS = 8;
    private static final int BYTES = 300;
    private static final int STEP_BYTES = 140;

    private static final String ATTEMPT = "attempt ";
    private static final String REPLY = "reply";
    private static final String PASSED = "passed";
    private static final String DUPLICATE_SKIPPED = "duplicate_skipped";
    private static final String QUEUED = "queued";
    private static final String DEAD_LETTERED = "dead_lettered";

    /** @param latencyMillis below zero where it has none */
    private record Told(long at, String step, String result, int latencyMillis, String error) {
    }

    private final String id;
    private final String eventType;
    private final String queueId;
    private final long receivedAt;
    private final List<Told> steps = new ArrayList<>(2);
    private Check failed;
    /** How many checks it has passed. */
    private int passed;
    private volatile String outcome;
    private int entryBytes;
    private String eventBridgeEventId;
    private Told dataLake;
    private int bytes = BYTES;
    private boolean counted;
    private boolean forgotten;

    EventStory(Received received) {
        id = idOf(received);
        eventType = shortened(received.eventType(), LONGEST_NAME);
        queueId = received instanceof RoutingEvent event ? shortened(event.queueId(), LONGEST_NAME) : null;
        receivedAt = received.receivedAt().toEpochMilli();
        bytes += length(id) + length(eventType) + length(queueId);
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

    String id() {
        return id;
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

    /** From here on what it takes is counted. */
    void counted() {
        counted = true;
    }

    boolean isCounted() {
        return counted;
    }

    void forgotten() {
        forgotten = true;
    }

    boolean isForgotten() {
        return forgotten;
    }

    private void add(Told step) {
        if (steps.size() == MOST_STEPS) {
            bytes -= STEP_BYTES + length(steps.remove(FIRST_STEPS).error());
        }
        bytes += STEP_BYTES + length(step.error());
        steps.add(step);
    }

    private int sinceReceipt(long at) {
        return (int) Math.max(0, at - receivedAt);
    }

    void attempted(long at, PutResult result, int number, int bytesOfEntries) {
        hasPassedAll();
        if (result.latency() != null) {
            add(new Told(at, ATTEMPT + number, result.isAccepted() ? "success" : "failure",
                    (int) result.latency().toMillis(), shortened(result.error(), LONGEST_ERROR)));
        }
        entryBytes = bytesOfEntries;
        if (result.isAccepted()) {
            eventBridgeEventId = result.eventBridgeEventId();
            bytes += length(eventBridgeEventId);
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
        bytes += dataLake == null ? STEP_BYTES : -length(dataLake.error());
        dataLake = new Told(at, null, state.word(), -1, shortened(error, LONGEST_ERROR));
        bytes += length(dataLake.error());
    }

    /** Without its steps. */
    synchronized Story summary() {
        return story(null);
    }

    synchronized Story whole() {
        String received = EventHistory.format(receivedAt);
        List<Step> all = new ArrayList<>();
        all.add(new Step(received, "received", PASSED, null, null));
        for (int i = 0; i < passed; i++) {
            all.add(new Step(received, Check.values()[i].word(), PASSED, null, null));
        }
        if (failed != null) {
            all.add(new Step(received, failed.word(), "failed", null, null));
        }
        for (Told step : steps) {
            all.add(new Step(EventHistory.format(step.at()), step.step(), step.result(),
                    step.latencyMillis() < 0 ? null : Long.valueOf(step.latencyMillis()), step.error()));
        }
        return story(all);
    }

    private Story story(List<Step> all) {
        return new Story(id, eventType, queueId, EventHistory.format(receivedAt), outcome, all,
                entryBytes == 0 ? null : new Entry(entryBytes, eventBridgeEventId),
                dataLake == null ? null : new DataLake(dataLake.result(), EventHistory.format(dataLake.at()),
                        dataLake.error()));
    }
}
