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
    void whatABridgeGivesUpForOneThatCannotTakeItIsTakenAgain() {
        try (Bridge one = shared.open(); Bridge other = shared.open()) {
            // Given
            await().until(() -> Long.bitCount(one.store().share().slots()) == Slots.COUNT / 2
                    && Long.bitCount(other.store().share().slots()) == Slots.COUNT / 2);

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
