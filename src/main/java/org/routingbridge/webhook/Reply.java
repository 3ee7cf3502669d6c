package org.routingbridge.webhook;

import java.io.UncheckedIOException;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.buffer.Buffer;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.Violation;

/**
 * What the sender gets to read (contract, section 3).
 *
 * @param status            HTTP status
 * @param outcome           the one word for it, as in the contract's table; also the metrics' {@code outcome}
 * @param retryAfterSeconds value of {@code Retry-After}; 0 where there is none
 * @param body              what is written as JSON
 */
public record Reply(int status, String outcome, int retryAfterSeconds, Object body) {

    private static final ObjectWriter WRITER = JsonMapper.builder().build().writer();

    @JsonPropertyOrder({"status", "eventId", "idempotencyToken"})
    private record Accepted(String status, String eventId, String idempotencyToken) {
    }

    @JsonPropertyOrder({"error", "message", "violations"})
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    private record Problem(String error, String message, List<Violation> violations) {
    }

    static Reply accepted(int status, String outcome, RoutingEvent event) {
        return new Reply(status, outcome, 0, new Accepted(outcome, event.id(), event.idempotencyToken()));
    }

    static Reply refused(Refused refused) {
        Refusal refusal = refused.refusal();
        return new Reply(refusal.status(), refusal.code(), refusal.status() == Refusal.OVERLOADED.status() ? 1 : 0,
                new Problem(refusal.code(), refused.getMessage(), refused.violations()));
    }

    static Reply overloaded(String message, int retryAfterSeconds) {
        Refusal refusal = Refusal.OVERLOADED;
        return new Reply(refusal.status(), refusal.code(), retryAfterSeconds,
                new Problem(refusal.code(), message, List.of()));
    }

    Buffer toJson() {
        try {
            return Buffer.buffer(WRITER.writeValueAsBytes(body));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
