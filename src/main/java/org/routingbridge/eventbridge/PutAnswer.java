package org.routingbridge.eventbridge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import org.apache.camel.Exchange;
import org.routingbridge.eventbridge.PutResult.Kind;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResponse;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResultEntry;

/**
 * Reads what came back from a PutEvents request, entry by entry, by the table in the contract's section 4.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html">Amazon
 *      EventBridge API reference: PutEventsResultEntry</a>
 */
final class PutAnswer {

    private PutAnswer() {
    }

    /** One result for each of the request's entries, in their order. */
    static List<PutResult> interpret(Exchange answer, int entries, Duration latency) {
        if (answer.getException() == null && answer.getMessage().getBody() instanceof PutEventsResponse response
                && response.entries().size() == entries
                && response.entries().stream().anyMatch(PutAnswer::saysAnything)) {
            List<PutResult> results = new ArrayList<>(entries);
            long failed = response.entries().stream().filter(PutAnswer::isInternalFailure).count();
            response.entries().forEach(entry -> results.add(interpret(entry, latency, failed == 1)));
            return results;
        }
        RequestFailure failure = answer.getException() != null ? RequestFailure.of(answer.getException())
                : new RequestFailure(Kind.UNAVAILABLE,
                        "Unexpected: the endpoint did not answer with a result for each entry");
        return Collections.nCopies(entries, PutResult.failed(failure.kind(), failure.error(), latency, entries == 1));
    }

    /** Accepted is what has an id and no error; what has neither, or both, may be on the bus or not. */
    private static PutResult interpret(PutEventsResultEntry entry, Duration latency, boolean alone) {
        String code = code(entry);
        if (code == null && hasId(entry)) {
            return PutResult.accepted(entry.eventId(), latency);
        }
        if (code == null || hasId(entry)) {
            return PutResult.failed(Kind.ENTRY_UNAVAILABLE, code == null
                    ? "Unexpected: the entry has neither an EventId nor an ErrorCode"
                    : "Unexpected: the entry has an EventId as well as the ErrorCode " + FailureSentence.of(code),
                    latency, false);
        }
        Kind kind = isInternalFailure(entry) ? Kind.INTERNAL_FAILURE
                : code.equals("ThrottlingException") ? Kind.THROTTLED
                : code.equals("ServiceUnavailable") ? Kind.ENTRY_UNAVAILABLE : Kind.REFUSED;
        return PutResult.failed(kind, RequestFailure.describe(code, entry.errorMessage()), latency,
                kind == Kind.REFUSED || alone);
    }

    private static boolean saysAnything(PutEventsResultEntry entry) {
        return hasId(entry) || code(entry) != null;
    }

    private static boolean hasId(PutEventsResultEntry entry) {
        return entry != null && entry.eventId() != null && !entry.eventId().isBlank();
    }

    private static String code(PutEventsResultEntry entry) {
        return entry == null || entry.errorCode() == null || entry.errorCode().isBlank() ? null : entry.errorCode();
    }

    private static boolean isInternalFailure(PutEventsResultEntry entry) {
        return "InternalFailure".equals(code(entry)) || "InternalException".equals(code(entry));
    }
}
