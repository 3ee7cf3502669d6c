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
import org.routingbridge.settings.Settings;
import org.routingbridge.settings.SettingsForTests;

/** The event of these tests directs three attempts, 100 ms apart. */
class RetryPolicyTest {

    private static final Settings SETTINGS = SettingsForTests.with("bridge.outbox.retry.max.delay", "4s");

    private final BusCircuitBreaker circuitBreaker = new BusCircuitBreaker(SETTINGS);
    private final RetryPolicy policy = new RetryPolicy(SETTINGS, circuitBreaker);
    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    private static PublishAttempt attempt(int number, Kind kind, int aloneFailures) {
        return new PublishAttempt(EventsForTests.event(), number,
                List.of(new PutResult(kind, "error", null, Duration.ZERO, aloneFailures > 0)), aloneFailures, 0,
                EventsForTests.RECEIVED_AT);
    }

    private static PublishAttempt attempt(int number, Kind kind) {
        return attempt(number, kind, 0);
    }

    private long pauseInOutboxAfter(int number, Kind kind) {
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new BusUnavailable(attempt(number, kind)));
        policy.postpone(exchange);
        return exchange.getVariable("nextTry", Duration.class).toMillis();
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
    @EnumSource(names = {"THROTTLED", "INTERNAL_FAILURE", "ENTRY_UNAVAILABLE", "UNAVAILABLE"})
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
    void anEntryThatFailedAloneAtAllItsAttemptsIsHopeless() {
        // When, Then
        assertThatThrownBy(() -> policy.failUnlessPublished(attempt(3, Kind.INTERNAL_FAILURE, 3)))
                .isInstanceOf(EntryRefused.class);
    }

    @Test
    void anEntryThatFailedOnceInCompanyIsNotHopeless() {
        // When, Then
        assertThatThrownBy(() -> policy.failUnlessPublished(attempt(3, Kind.INTERNAL_FAILURE, 2)))
                .isInstanceOf(BusUnavailable.class);
    }

    @Test
    void anEntryThatHasAttemptsLeftIsNotHopeless() {
        // When, Then
        assertThatThrownBy(() -> policy.failUnlessPublished(attempt(2, Kind.INTERNAL_FAILURE, 2)))
                .isInstanceOf(BusUnavailable.class);
    }

    @Test
    void attemptsLeftGoOnAtTheDirectivesPaceInTheOutbox() {
        // When, Then
        assertThat(pauseInOutboxAfter(1, Kind.THROTTLED)).isBetween(80L, 120L);
    }

    @Test
    void theOutboxesOwnPaceSlowsDownToItsLongestPause() {
        // When, Then
        assertThat(pauseInOutboxAfter(3, Kind.THROTTLED)).isEqualTo(1000);
        assertThat(pauseInOutboxAfter(4, Kind.THROTTLED)).isEqualTo(2000);
        assertThat(pauseInOutboxAfter(5, Kind.THROTTLED)).isEqualTo(4000);
        assertThat(pauseInOutboxAfter(6, Kind.THROTTLED)).isEqualTo(4000);
        assertThat(pauseInOutboxAfter(Integer.MAX_VALUE, Kind.THROTTLED)).isEqualTo(4000);
    }

    @Test
    void whileEventBridgeIsAwayThePaceIsThatOfTheProbes() {
        // When, Then
        assertThat(pauseInOutboxAfter(3, Kind.UNAVAILABLE)).isZero();
        assertThat(circuitBreaker.isOpen()).isTrue();
    }
}
