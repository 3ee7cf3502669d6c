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
                && response.entries().size() == entries) {
            List<PutResult> results = new ArrayList<>(entries);
            long failed = response.entries().stream().filter(entry -> isInternalFailure(entry.errorCode())).count();
            response.entries().forEach(entry -> results.add(interpret(entry, latency, failed == 1)));
            return results;
        }
        RequestFailure failure = answer.getException() != null ? RequestFailure.of(answer.getException())
                : new RequestFailure(Kind.UNAVAILABLE,
                        "Unexpected: the endpoint did not answer with a result for each entry");
        return Collections.nCopies(entries, PutResult.failed(failure.kind(), failure.error(), latency, entries == 1));
    }

    private static PutResult interpret(PutEventsResultEntry entry, Duration latency, boolean alone) {
        String code = entry.errorCode();
        if (code == null) {
            return PutResult.accepted(entry.eventId(), latency);
        }
        Kind kind = isInternalFailure(code) ? Kind.INTERNAL_FAILURE
                : code.equals("ThrottlingException") ? Kind.THROTTLED
                : code.equals("ServiceUnavailable") ? Kind.ENTRY_UNAVAILABLE : Kind.REFUSED;
        return PutResult.failed(kind, RequestFailure.describe(code, entry.errorMessage()), latency,
                kind == Kind.REFUSED || alone);
    }

    private static boolean isInternalFailure(String code) {
        return "InternalFailure".equals(code) || "InternalException".equals(code);
    }
}
