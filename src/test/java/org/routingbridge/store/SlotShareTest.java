package org.routingbridge.store;

import static org.awaitility.Awaitility.await;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.routingbridge.store.SharedStoreForTests.Bridge;

/** Which bridge hands out the keys of which slot. */
class SlotShareTest {

    private static final long ALL = -1;

    private final SharedStoreForTests shared = new SharedStoreForTests();

    @Test
    void aBridgeThatCannotPublishLeavesAllToTheOtherUntilItCan() {
        try (Bridge one = shared.open(); Bridge other = shared.open()) {
            // Given
            await().until(() -> areHalves(one, other));

            // When
            one.publishes(false);

            // Then
            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(3)).until(() ->
                    one.store().share().slots() == 0 && other.store().share().slots() == ALL);

            // When
            one.publishes(true);

            // Then
            await().until(() -> areHalves(one, other));
        }
    }

    @Test
    void whereNoneCanPublishEachHasItsShare() {
        try (Bridge one = shared.open(); Bridge other = shared.open()) {
            // Given
            one.publishes(false);
            await().until(() -> other.store().share().slots() == ALL);

            // When
            other.publishes(false);

            // Then
            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(3)).until(() -> areHalves(one, other));
        }
    }

    @Test
    void aBridgeThatCannotPublishForAMomentKeepsWhatItHas() {
        SharedStoreForTests patient = new SharedStoreForTests(Duration.ofSeconds(3));
        try (Bridge broken = patient.open(); Bridge well = patient.open()) {
            // Given
            broken.publishes(false);
            await().until(() -> broken.store().share().slots() == 0 && well.store().share().slots() == ALL);

            // When
            well.publishes(false);

            // Then
            await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(1)).until(() ->
                    well.store().share().slots() == ALL);
            well.publishes(true);
            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(2)).until(() ->
                    well.store().share().slots() == ALL);
        }
    }

    @Test
    void whatABridgeThatCannotPublishLeavesToOneThatCannotTakeItIsTakenAgain() {
        try (Bridge one = shared.open()) {
            // Given
            await().until(() -> one.store().share().slots() == ALL);
            shared.joinWithoutStore();

            // When
            one.publishes(false);
            await().until(() -> one.store().share().slots() == 0);

            // Then
            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(5)).until(() ->
                    one.store().share().slots() == ALL);
        }
    }

    private static boolean areHalves(Bridge one, Bridge other) {
        return Long.bitCount(one.store().share().slots()) == Slots.COUNT / 2
                && Long.bitCount(other.store().share().slots()) == Slots.COUNT / 2;
    }

    @Test
    void whatABridgeGivesUpForOneThatCannotTakeItIsTakenAgain() {
        try (Bridge one = shared.open(); Bridge other = shared.open()) {
            // Given
            await().until(() -> areHalves(one, other));

            // When
            shared.joinWithoutStore();
            await().until(() -> (one.store().share().slots() | other.store().share().slots()) != ALL);

            // Then
            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(5)).until(() ->
                    (one.store().share().slots() | other.store().share().slots()) == ALL);

            // When
            try (Bridge third = shared.open()) {
                // Then
                await().until(() -> Long.bitCount(third.store().share().slots()) == Slots.COUNT / 4);
            }
        }
    }
}
