package org.routingbridge.event;

import java.time.Instant;
import java.util.List;

/**
 * A valid routing event (contract, section 3). The received text is kept as it came and sent from {@link #text}, never
 * written anew, unless it had to be trimmed.
 *
 * @param text             the received text, to the letter; what was left of it where it was trimmed
 * @param utf8Length       the text's length in bytes
 * @param id               as received
 * @param eventType        what becomes the entry's {@code DetailType}
 * @param timestamp        when the sender says that it happened, to the millisecond
 * @param queueId          the queue that the event is of; null where it names none
 * @param orderingKey      events with the same key keep their order; of one size, whatever the sender's key is
 * @param retryDirective   how the event wants to be tried
 * @param idempotencyToken UUID version 5 of the id; what consumers deduplicate on
 * @param receivedAt       when the request arrived
 * @param trace            that the event is part of; null where there is none
 * @param marks            what consumers are told of how it came and was made to fit
 */
public record RoutingEvent(String text, int utf8Length, String id, String eventType, Instant timestamp,
                           String queueId, String orderingKey, RetryDirective retryDirective,
                           String idempotencyToken, Instant receivedAt, TraceContext trace, Marks marks)
        implements Received {

    /**
     * What became of the event on its way in.
     *
     * @param late    behind the tolerance when it came
     * @param future  dated ahead of the skew when it came
     * @param trimmed JSON Pointers to the arrays that were removed
     * @param chunks  the slices of the text that go out as entries of their own; none where one entry holds it all
     */
    public record Marks(boolean late, boolean future, List<String> trimmed, List<String> chunks) {

        public static final Marks NONE = new Marks(false, false, List.of(), List.of());
    }

    public RoutingEvent markedLate() {
        return marked(new Marks(true, marks.future, marks.trimmed, marks.chunks));
    }

    public RoutingEvent markedFuture() {
        return marked(new Marks(marks.late, true, marks.trimmed, marks.chunks));
    }

    public RoutingEvent trimmed(String trimmedText, int trimmedUtf8Length, List<String> pointers) {
        return new RoutingEvent(trimmedText, trimmedUtf8Length, id, eventType, timestamp, queueId, orderingKey,
                retryDirective, idempotencyToken, receivedAt, trace,
                new Marks(marks.late, marks.future, List.copyOf(pointers), marks.chunks));
    }

    public RoutingEvent cutInto(List<String> chunks) {
        return marked(new Marks(marks.late, marks.future, marks.trimmed, List.copyOf(chunks)));
    }

    public RoutingEvent marked(Marks newMarks) {
        return new RoutingEvent(text, utf8Length, id, eventType, timestamp, queueId, orderingKey, retryDirective,
                idempotencyToken, receivedAt, trace, newMarks);
    }

    public RoutingEvent traced(TraceContext newTrace) {
        return new RoutingEvent(text, utf8Length, id, eventType, timestamp, queueId, orderingKey, retryDirective,
                idempotencyToken, receivedAt, newTrace, marks);
    }

    /** The event's {@code routingContext}, as received. */
    public String routingContext() {
        JsonSlices slices = new JsonSlices(text);
        return slices.value(slices.member("routingContext").orElseThrow());
    }

    /** Identity without the payload, which has no place in a log. */
    @Override
    public String toString() {
        return "RoutingEvent[" + id + "]";
    }
}
