package org.routingbridge.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.Violation;

class ReplyTest {

    private final Replies replies = new Replies();

    @ParameterizedTest
    @CsvSource({"processed, 200", "queued, 202", "dead_lettered, 202"})
    void anAcceptedEventIsToldItsOutcomeIdAndToken(String outcome, int status) {
        // Given
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody(EventsForTests.event());
        Outcome.valueOf(outcome.toUpperCase(Locale.ROOT)).enter(exchange);

        // When
        replies.accepted(exchange);

        // Then
        Reply reply = exchange.getMessage().getBody(Reply.class);
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.outcome()).isEqualTo(outcome);
        assertThat(reply.retryAfterSeconds()).isZero();
        assertThat(reply.toJson()).hasToString("{\"status\":\"" + outcome + "\",\"eventId\":\"" + EventsForTests.ID
                + "\",\"idempotencyToken\":\"" + EventsForTests.event().idempotencyToken() + "\"}");
    }

    @Test
    void aDuplicateIsASuccess() {
        // Given
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody(EventsForTests.event());
        exchange.setProperty(Exchange.DUPLICATE_MESSAGE, true);

        // When
        replies.duplicateSkipped(exchange);

        // Then
        Reply reply = exchange.getMessage().getBody(Reply.class);
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.toJson().toString()).startsWith("{\"status\":\"duplicate_skipped\",");
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_FOUND, 404, not_found", "METHOD_NOT_ALLOWED, 405, method_not_allowed", "UNAUTHORIZED, 401, unauthorized",
        "UNSUPPORTED_MEDIA_TYPE, 415, unsupported_media_type", "PAYLOAD_TOO_LARGE, 413, payload_too_large",
        "MALFORMED_JSON, 400, malformed_json", "SCHEMA_VIOLATION, 400, schema_violation",
        "ENTRY_TOO_LARGE, 413, entry_too_large", "ORDERING_VIOLATION, 409, ordering_violation",
        "OVERLOADED, 503, overloaded"})
    void aRefusalIsItsCodeAndASentence(Refusal refusal, int status, String code) {
        // When
        Reply reply = replies.refused(new Refused(refusal, "Say \"please\""));

        // Then
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.outcome()).isEqualTo(code);
        assertThat(reply.retryAfterSeconds() > 0).isEqualTo(status == 503);
        assertThat(reply.toJson()).hasToString("{\"error\":\"" + code + "\",\"message\":\"Say \\\"please\\\"\"}");
    }

    @Test
    void violationsAreListedWithTheirPaths() {
        // When
        Reply reply = replies.refused(new Refused(Refusal.SCHEMA_VIOLATION, "No",
                List.of(new Violation("/id", "is missing"))));

        // Then
        assertThat(reply.toJson()).hasToString("{\"error\":\"schema_violation\",\"message\":\"No\","
                + "\"violations\":[{\"path\":\"/id\",\"message\":\"is missing\"}]}");
    }

    @Test
    void whatIsNotSafeIsToBeSentAgainLater() {
        // When
        Reply reply = replies.notSafe();

        // Then
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.outcome()).isEqualTo("overloaded");
        assertThat(reply.retryAfterSeconds()).isPositive();
    }
}
