package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.eventbridge.PutResult.Kind;
import org.routingbridge.settings.SettingsForTests;

/** The event of these tests directs three attempts, 100 ms apart. */
class RetryPolicyTest {

    private final RetryPolicy policy = new RetryPolicy();
    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    private static PublishAttempt attempt(int number, Kind kind) {
        return new PublishAttempt(EventsForTests.event(), number,
                List.of(new PutResult(kind, "error", null, Duration.ZERO, false)), EventsForTests.RECEIVED_AT);
    }

    private boolean shouldRetryAfter(int number, Kind kind) {
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new BusUnavailable(attempt(number, kind)));
        return policy.shouldRetry(exchange);
    }

    @Test
    void anAcceptedAttemptIsNoFailure() {
        // When, Then
        assertThatCode(() -> policy.failUnlessPublished(attempt(1, Kind.ACCEPTED))).doesNotThrowAnyException();
    }

    @Test
    void aRefusedAttemptIsFinal() {
        // When, Then
        assertThatThrownBy(() -> policy.failUnlessPublished(attempt(1, Kind.REFUSED)))
                .isInstanceOf(EntryRefused.class).hasMessage("error");
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = {"ACCEPTED", "REFUSED"})
    void anyOtherAttemptMaySucceedLater(Kind kind) {
        // When, Then
        assertThatThrownBy(() -> policy.failUnlessPublished(attempt(1, kind))).isInstanceOf(BusUnavailable.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"THROTTLED", "INTERNAL_FAILURE", "UNAVAILABLE"})
    void whatMayPassIsTriedAgain(Kind kind) {
        // When, Then
        assertThat(shouldRetryAfter(1, kind)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"MISCONFIGURED", "NOT_SENT", "UNANSWERED", "REFUSED"})
    void whatNoAttemptCanMendIsNot(Kind kind) {
        // When, Then
        assertThat(shouldRetryAfter(1, kind)).isFalse();
    }

    @Test
    void theDirectiveCountsAttemptsInAll() {
        // When, Then
        assertThat(shouldRetryAfter(2, Kind.THROTTLED)).isTrue();
        assertThat(shouldRetryAfter(3, Kind.THROTTLED)).isFalse();
    }

    @Test
    void thePauseGrowsWithTheAttempts() {
        // When
        shouldRetryAfter(1, Kind.THROTTLED);
        long first = exchange.getMessage().getHeader(Exchange.REDELIVERY_DELAY, Long.class);
        shouldRetryAfter(2, Kind.THROTTLED);
        long second = exchange.getMessage().getHeader(Exchange.REDELIVERY_DELAY, Long.class);

        // Then
        assertThat(first).isBetween(80L, 120L);
        assertThat(second).isBetween(160L, 240L);
    }

    @Test
    void aPauseThatWouldOutlastTheBudgetIsNotBegun() {
        // Given
        new PublishDeadline(SettingsForTests.with("bridge.delivery.reply.budget", "50ms")).process(exchange);

        // When, Then
        assertThat(shouldRetryAfter(1, Kind.THROTTLED)).isFalse();
    }

    @Test
    void aPauseWithinTheBudgetIsMade() {
        // Given
        new PublishDeadline(SettingsForTests.with("bridge.delivery.reply.budget", "1m")).process(exchange);

        // When, Then
        assertThat(shouldRetryAfter(1, Kind.THROTTLED)).isTrue();
    }

    @Test
    void anotherFailureIsNotRetried() {
        // Given
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new IllegalStateException());

        // When, Then
        assertThat(policy.shouldRetry(exchange)).isFalse();
    }
}
