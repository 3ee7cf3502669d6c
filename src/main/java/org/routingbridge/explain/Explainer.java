package org.routingbridge.explain;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import org.apache.camel.ExchangeException;
import org.apache.camel.Message;
import org.apache.camel.component.jsonvalidator.JsonValidationException;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.Timestamps;
import org.routingbridge.event.TraceContext;
import org.routingbridge.event.Violation;
import org.routingbridge.eventbridge.EventEntries;
import org.routingbridge.explain.Explanation.CheckResult;
import org.routingbridge.explain.Explanation.Entry;
import org.routingbridge.history.Check;
import org.routingbridge.idempotency.SeenEvents;
import org.routingbridge.ordering.Watermarks;
import org.routingbridge.outbox.Outbox;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;

/**
 * Says what would become of an event, by the webhook's own checks: nothing is published, kept, counted or remembered
 * (contract, section 9). The secret and the signature are the sender's matter, and not looked at.
 */
public final class Explainer {

    private static final String DUPLICATE_SKIPPED = "duplicate_skipped";

    private final SeenEvents seenEvents;
    private final EventEntries entries;
    private final Watermarks watermarks;
    private final Outbox outbox;

    public Explainer(SeenEvents seenEvents, EventEntries entries, Watermarks watermarks, Outbox outbox) {
        this.seenEvents = seenEvents;
        this.entries = entries;
        this.watermarks = watermarks;
        this.outbox = outbox;
    }

    /** A request's body as if it had come to the webhook. */
    public Delivery deliver(Message request) {
        byte[] body = request.getBody(byte[].class);
        return new Delivery(name -> request.getHeader(name, String.class), body == null ? new byte[0] : body,
                Instant.now(), TraceContext.read(request.getHeader(TraceContext.TRACEPARENT, String.class)));
    }

    /**
     * A valid event: what the checks from the id on say, and where it would go.
     *
     * @throws Refused what the webhook would answer
     */
    public Explanation explain(RoutingEvent event) {
        String seen = seenEvents.contains(event.id())
                ? "The id was accepted before, or is in flight: the first one's outcome counts" : null;
        if (seen != null) {
            return new Explanation(DUPLICATE_SKIPPED, 200, results(Check.DUPLICATE, seen, null), null);
        }
        RoutingEvent fitting = entries.fit(event);
        seenEvents.learn(fitting);
        RoutingEvent checked = watermarks.judge(fitting);
        boolean isQueued = outbox.wouldTake(checked);
        if (isQueued && outbox.diskFailure() != null) {
            throw new Refused(Refusal.OVERLOADED, "The event would have to wait on disk, which fails: "
                    + outbox.diskFailure());
        }
        if (isQueued && !outbox.hasRoomFor(checked)) {
            throw new Refused(Refusal.OVERLOADED, "The outbox is full; send the event again later");
        }
        Outcome outcome = isQueued ? Outcome.QUEUED : Outcome.PROCESSED;
        return new Explanation(outcome.word(), isQueued ? 202 : 200, results(null, null, checked), entry(checked));
    }

    /** What the webhook would answer to an event that it refuses. */
    public Explanation refused(@ExchangeException Refused refused) {
        Refusal refusal = refused.refusal();
        return new Explanation(refusal.code(), refusal.status(),
                results(Check.of(refusal.code()), refused.getMessage(), null), null);
    }

    /** What the webhook would answer to JSON that does not match the schema. */
    public Explanation invalid(@ExchangeException JsonValidationException invalid) {
        String violations = Violation.of(invalid).stream()
                .map(violation -> (violation.path().isEmpty() ? "the event" : violation.path()) + " "
                        + violation.message()).collect(Collectors.joining("; "));
        return refused(new Refused(Refusal.SCHEMA_VIOLATION, violations));
    }

    /** @param failed null where none has */
    private static List<CheckResult> results(Check failed, String detail, RoutingEvent event) {
        List<CheckResult> results = new ArrayList<>();
        for (Check check : Check.values()) {
            if (check != Check.SECRET) {
                int place = failed == null ? -1 : Integer.signum(check.compareTo(failed));
                results.add(place < 0 ? new CheckResult(check.word(), "passed", note(check, event))
                        : place == 0 ? new CheckResult(check.word(), "failed", detail)
                        : new CheckResult(check.word(), "not_reached", null));
            }
        }
        return results;
    }

    private static String note(Check check, RoutingEvent event) {
        if (event == null) {
            return null;
        }
        RoutingEvent.Marks marks = event.marks();
        return switch (check) {
            case ENTRY_SIZE -> !marks.trimmed().isEmpty() ? "Too large as it is; would be trimmed: " + marks.trimmed()
                    : !marks.chunks().isEmpty() ? "Too large as it is; would be cut into " + marks.chunks().size()
                    + " chunks" : null;
            case ORDERING -> marks.late() && marks.future() ? "Would be marked late and future"
                    : marks.late() ? "Would be marked late" : marks.future() ? "Would be marked future" : null;
            default -> null;
        };
    }

    private Entry entry(RoutingEvent event) {
        List<EventEntries.Sized> sized = entries.entries(event);
        PutEventsRequestEntry first = sized.get(0).entry();
        return new Entry(first.eventBusName(), first.source(), first.detailType(), Timestamps.format(first.time()),
                first.detail(), first.traceHeader(), sized.get(0).bytes(), sized.size() == 1 ? null : sized.size());
    }
}
