package org.routingbridge.eventbridge;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.opentelemetry.api.trace.Span;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.PutResult.Kind;
import org.routingbridge.tracing.Tracing;

/**
 * An attempt under way: which of the event's entries are still open, and who waits for the outcome. An event has one
 * entry, or one for each of its chunks; those that EventBridge accepted in an earlier attempt are not sent again.
 */
final class PendingAttempt {

    /** What an answer means for the attempt. */
    enum Progress { OPEN, ENDED, ENDED_LATE }

    private final RoutingEvent event;
    private final int number;
    private final Exchange exchange;
    private final AsyncCallback callback;
    private final Context eventLoop;
    private final Span span;
    private final Long deadline;
    private List<PutResult>[] results;
    private int open;
    private int entryBytes;
    private boolean sent;
    private boolean givenUp;
    private PublishAttempt ended;

    private PendingAttempt(RoutingEvent event, int number, Exchange exchange, AsyncCallback callback, Span span) {
        this.event = event;
        this.number = number;
        this.exchange = exchange;
        this.callback = callback;
        this.span = span;
        this.eventLoop = Vertx.currentContext();
        this.deadline = PublishDeadline.of(exchange);
    }

    static PendingAttempt begin(Exchange exchange, AsyncCallback callback, Tracing tracing) throws Exception {
        RoutingEvent event = exchange.getMessage().getMandatoryBody(RoutingEvent.class);
        int number = PublishAttempt.numberOfNext(exchange);
        return new PendingAttempt(event, number, exchange, callback, tracing.attempt(event, number));
    }

    RoutingEvent event() {
        return event;
    }

    /** The event as it is to be sent: what its consumers do belongs under this attempt's span, where spans are on. */
    RoutingEvent tracedEvent() {
        return Tracing.within(span, event);
    }

    /** The event makes so many entries, of so many bytes together. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    synchronized void expect(int entries, int bytes) {
        entryBytes = bytes;
        results = new List[entries];
        open = entries;
        for (int accepted : PublishAttempt.acceptedEntries(exchange)) {
            if (accepted < entries && entries > 1) {
                results[accepted] = List.of(PutResult.accepted(null, Duration.ZERO));
                open--;
            }
        }
    }

    synchronized boolean isOpen(int index) {
        return results[index] == null;
    }

    boolean hasDeadline() {
        return deadline != null;
    }

    boolean isOverdue(long nanoTime) {
        return nanoTime - deadline > 0;
    }

    /** An entry is about to leave; false where nobody waits for it any more. */
    synchronized boolean send() {
        if (givenUp && !sent) {
            return false;
        }
        sent = true;
        return true;
    }

    /** EventBridge has answered for one entry. */
    synchronized Progress settle(int index, List<PutResult> answers, Instant now) {
        if (results[index] != null) {
            return Progress.OPEN;
        }
        results[index] = answers;
        if (--open > 0) {
            return Progress.OPEN;
        }
        end(overall(), now);
        return givenUp ? Progress.ENDED_LATE : Progress.ENDED;
    }

    /** No request is made. */
    synchronized void fail(PutResult result, Instant now) {
        end(List.of(result), now);
    }

    /** Whether some of it has left. */
    synchronized boolean isSent() {
        return sent;
    }

    /** The deadline has passed: the exchange goes on without an answer. False where it has one. */
    synchronized boolean giveUp(Instant now) {
        if (ended != null) {
            return false;
        }
        givenUp = true;
        PutResult result = sent
                ? PutResult.failed(Kind.UNANSWERED, "Timeout: EventBridge has not answered within the reply budget",
                        null, false)
                : PutResult.failed(Kind.NOT_SENT, "Timeout: no sender was free within the reply budget", null, false);
        exchange.getMessage().setBody(PublishAttempt.ended(exchange, event, number, List.of(result), entryBytes, now));
        if (!sent) {
            endSpan(result);
        }
        return true;
    }

    private void endSpan(PutResult result) {
        Tracing.ended(span, result.isAccepted() ? null : result.kind().name().toLowerCase(Locale.ROOT));
    }

    private void end(List<PutResult> overall, Instant now) {
        endSpan(last(overall));
        if (givenUp) {
            ended = new PublishAttempt(event, number, overall, 0, entryBytes, now);
        } else {
            ended = PublishAttempt.ended(exchange, event, number, overall, entryBytes, now);
            exchange.getMessage().setBody(ended);
            if (ended.isPublished()) {
                Outcome.PROCESSED.enter(exchange);
            }
        }
    }

    PublishAttempt ended() {
        return ended;
    }

    /** Lets the exchange go on with the attempt as its body, on this thread. */
    void goOn() {
        callback.done(false);
    }

    /** Lets it go on where it came from, if that was an event loop. */
    void goOnWhereItBegan() {
        if (eventLoop == null) {
            goOn();
        } else {
            eventLoop.runOnContext(nothing -> goOn());
        }
    }

    /** The event is as well off as the worst of its entries. */
    private List<PutResult> overall() {
        if (results.length == 1) {
            return results[0];
        }
        List<PutResult> worst = Arrays.stream(results).filter(answers -> last(answers).kind() == Kind.REFUSED)
                .findFirst()
                .or(() -> Arrays.stream(results).filter(answers -> !last(answers).isAccepted()).findFirst())
                .orElse(results[0]);
        if (!givenUp) {
            PublishAttempt.accepted(exchange, IntStream.range(0, results.length)
                    .filter(index -> last(results[index]).isAccepted()).boxed().collect(Collectors.toSet()));
        }
        return worst;
    }

    private static PutResult last(List<PutResult> answers) {
        return answers.get(answers.size() - 1);
    }
}
