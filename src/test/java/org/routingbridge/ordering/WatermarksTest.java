package org.routingbridge.ordering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.ClockForTests;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.settings.SettingsForTests;

class WatermarksTest {

    private static final Instant NOW = EventsForTests.RECEIVED_AT;
    private static final Duration TOLERANCE = Duration.ofSeconds(10);
    private static final Duration SKEW = Duration.ofSeconds(60);

    private final Watermarks rejecting = watermarks("reject");
    private final Watermarks flagging = watermarks("flag");
    private final Watermarks off = watermarks("off");

    private static Watermarks watermarks(String policy) {
        return new Watermarks(SettingsForTests.with("bridge.ordering.policy", policy),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static RoutingEvent event(String queue, Duration offset) {
        return EventsForTests.event(UUID.randomUUID().toString(), queue, NOW.plus(offset));
    }

    private static void accept(Watermarks watermarks, RoutingEvent event) {
        watermarks.advance(watermarks.check(event));
    }

    private static Refused refusalOf(Watermarks watermarks, RoutingEvent event) {
        return catchThrowableOfType(Refused.class, () -> watermarks.check(event));
    }

    @Test
    void theFirstEventOfAKeyMayBeAsOldAsItLikes() {
        // When, Then
        assertThatCode(() -> rejecting.check(event("q", Duration.ofDays(-9)))).doesNotThrowAnyException();
    }

    @Test
    void anEventAtTheToleranceIsTakenUnmarked() {
        // Given
        accept(rejecting, event("q", Duration.ZERO));
        RoutingEvent old = event("q", TOLERANCE.negated());

        // When, Then
        assertThat(rejecting.check(old)).isSameAs(old);
    }

    @Test
    void anEventAMillisecondBehindTheToleranceIsRefused() {
        // Given
        accept(rejecting, event("q", Duration.ZERO));

        // When
        Refused refused = refusalOf(rejecting, event("q", TOLERANCE.negated().minusMillis(1)));

        // Then
        assertThat(refused.refusal()).isEqualTo(Refusal.ORDERING_VIOLATION);
        assertThat(refused.getMessage()).contains("10 s older");
    }

    @Test
    void anotherKeyHasAWatermarkOfItsOwn() {
        // Given
        accept(rejecting, event("q", Duration.ZERO));

        // When, Then
        assertThatCode(() -> rejecting.check(event("p", Duration.ofHours(-1)))).doesNotThrowAnyException();
    }

    @Test
    void whatIsOnlyCheckedMovesNoWatermark() {
        // Given
        rejecting.check(event("q", Duration.ZERO));

        // When, Then
        assertThatCode(() -> rejecting.check(event("q", Duration.ofHours(-1)))).doesNotThrowAnyException();
    }

    @Test
    void anOlderEventMovesNoWatermarkBack() {
        // Given
        accept(rejecting, event("q", Duration.ZERO));
        accept(rejecting, event("q", Duration.ofSeconds(-9)));

        // When, Then
        assertThat(refusalOf(rejecting, event("q", Duration.ofSeconds(-11)))).isNotNull();
    }

    @Test
    void anEventAtTheSkewIsTaken() {
        // When, Then
        assertThatCode(() -> rejecting.check(event("q", SKEW))).doesNotThrowAnyException();
    }

    @Test
    void anEventAMillisecondAheadOfTheSkewIsRefused() {
        // When, Then
        assertThat(refusalOf(rejecting, event("q", SKEW.plusMillis(1))).refusal())
                .isEqualTo(Refusal.ORDERING_VIOLATION);
    }

    @Test
    void flaggedMeansMarkedLate() {
        // Given
        accept(flagging, event("q", Duration.ZERO));

        // When
        RoutingEvent checked = flagging.check(event("q", Duration.ofMinutes(-1)));

        // Then
        assertThat(checked.marks().late()).isTrue();
        assertThat(checked.marks().future()).isFalse();
    }

    @Test
    void flaggedMeansMarkedFuture() {
        // When
        RoutingEvent checked = flagging.check(event("q", Duration.ofMinutes(2)));

        // Then
        assertThat(checked.marks().future()).isTrue();
        assertThat(checked.marks().late()).isFalse();
    }

    @Test
    void anEventAheadOfTheSkewMovesNoWatermarkUnderFlag() {
        // Given
        accept(flagging, event("q", Duration.ofDays(1)));

        // When, Then
        assertThat(flagging.check(event("q", Duration.ZERO)).marks().late()).isFalse();
    }

    @Test
    void anEventAheadOfTheSkewMovesNoWatermarkWhereThereIsNoCheck() {
        // Given
        accept(off, event("q", Duration.ofDays(1)));

        // When, Then
        assertThat(off.check(event("q", Duration.ofDays(-1))).marks()).isEqualTo(RoutingEvent.Marks.NONE);
    }

    @Test
    void offMeansNoMarks() {
        // Given
        accept(off, event("q", Duration.ZERO));
        RoutingEvent late = event("q", Duration.ofDays(-1));
        RoutingEvent future = event("q", Duration.ofDays(1));

        // When, Then
        assertThat(off.check(late)).isSameAs(late);
        assertThat(off.check(future)).isSameAs(future);
    }

    @Test
    void anEventThatPassedAndFailedByOurFaultPassesAgain() {
        // Given
        RoutingEvent event = event("q", Duration.ofMinutes(-1));
        rejecting.check(event);
        accept(rejecting, event("q", Duration.ZERO));

        // When, Then
        assertThatCode(() -> rejecting.check(event)).doesNotThrowAnyException();
    }

    @Test
    void anEventThatIsSafeDoesNotPassForeverAfter() {
        // Given
        RoutingEvent event = event("q", Duration.ofMinutes(-1));
        accept(rejecting, event);
        accept(rejecting, event("q", Duration.ZERO));

        // When, Then
        assertThat(refusalOf(rejecting, event)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-1H", "PT-30M", "PT25H"})
    void whatIsKnownOfAKeyOutlastsAClockThatIsSet(String step) {
        // Given
        ClockForTests clock = new ClockForTests(NOW);
        Watermarks watermarks = new Watermarks(SettingsForTests.with("bridge.ordering.policy", "reject"), clock);
        RoutingEvent failed = event("q", Duration.ofMinutes(-1));
        watermarks.check(failed);
        accept(watermarks, event("q", Duration.ZERO));

        // When
        clock.pass(Duration.parse(step));
        RoutingEvent late = event("q", Duration.ofMinutes(-40));

        // Then
        assertThat(refusalOf(watermarks, late)).isNotNull();
        clock.pass(Duration.parse(step).negated());
        assertThat(refusalOf(watermarks, late).getMessage()).contains("older than the newest");
        assertThatCode(() -> watermarks.check(failed)).doesNotThrowAnyException();
        assertThatCode(() -> watermarks.check(event("q", Duration.ZERO))).doesNotThrowAnyException();
    }

    @Test
    void anEventIsMarkedByTheReasonItWasRefusedFor() {
        // Given
        accept(rejecting, event("q", Duration.ZERO));
        RoutingEvent late = event("q", Duration.ofMinutes(-1));
        RoutingEvent future = event("q", Duration.ofMinutes(2));

        // When
        String tooLate = refusalOf(rejecting, late).getMessage();
        String tooEarly = refusalOf(rejecting, future).getMessage();

        // Then
        assertThat(Watermarks.markedByRefusal(late, tooLate)).isEqualTo(late.markedLate());
        assertThat(Watermarks.markedByRefusal(future, tooEarly)).isEqualTo(future.markedFuture());
        assertThat(Watermarks.markedByRefusal(late, "The event makes an entry of 9 bytes")).isSameAs(late);
    }

    @Test
    void anEventThatWasRefusedForItsTimeIsRefusedAgain() {
        // Given
        accept(rejecting, event("q", Duration.ZERO));
        RoutingEvent late = event("q", Duration.ofMinutes(-1));
        refusalOf(rejecting, late);

        // When, Then
        assertThat(refusalOf(rejecting, late)).isNotNull();
    }

    @Test
    void whatAnotherBridgeHasMadeSafeCountsAsOurs() {
        // Given
        RoutingEvent late = event("q", Duration.ofMinutes(-1));
        assertThatCode(() -> rejecting.judge(late)).doesNotThrowAnyException();

        // When
        rejecting.raise(late.orderingKey(), NOW);
        rejecting.raise(late.orderingKey(), NOW.minusSeconds(120));

        // Then
        assertThat(refusalOf(rejecting, late)).isNotNull();
    }

    @Test
    void whatPassedAtABridgeThatFailedPassesHere() {
        // Given
        accept(rejecting, event("q", Duration.ZERO));
        RoutingEvent late = event("q", Duration.ofMinutes(-1));

        // When
        rejecting.hasPassedElsewhere(late.id());

        // Then
        assertThatCode(() -> rejecting.check(late)).doesNotThrowAnyException();
        assertThat(rejecting.hasPassed(late.id())).isTrue();
        rejecting.advance(late);
        assertThat(rejecting.hasPassed(late.id())).isFalse();
    }

    @Test
    void anEventOfTheFutureMovesNoWatermark() {
        assertThat(rejecting.moves(event("q", SKEW.plusMillis(1)))).isFalse();
        assertThat(rejecting.moves(event("q", SKEW))).isTrue();
    }
}
