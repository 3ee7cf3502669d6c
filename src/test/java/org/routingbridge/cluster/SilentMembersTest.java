package org.routingbridge.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.routingbridge.cluster.BridgesForTests.Bridge;
import org.routingbridge.cluster.Claims.Found;
import org.routingbridge.store.PostgresForTests;

/** When a bridge that says nothing, or whose session ends, is dead to the others and holds itself for out. */
class SilentMembersTest {

    @AutoClose
    private final BridgesForTests bridges = new BridgesForTests(PostgresForTests.url());

    @Test
    void aBridgeWhoseProcessWasKilledIsDeadToTheOthersAfterThreeSeconds() throws SQLException {
        // Given
        Bridge one = bridges.start();
        UUID id = UUID.randomUUID();
        UUID killed;

        // When
        try (Connection session = bridges.connect()) {
            killed = bridges.silent(session, id);
            await().atMost(Duration.ofSeconds(2)).until(() -> one.members().live().contains(killed));
        }

        // Then
        await().atMost(Duration.ofMillis(4500)).until(() -> !one.members().live().contains(killed));
        assertThat(one.finds(id)).isEqualTo(Found.OURS);
    }

    @Test
    void aBridgeThatTheServerStillHasASessionOfIsGivenSixSeconds() throws SQLException {
        // Given
        Bridge one = bridges.start();
        UUID id = UUID.randomUUID();

        // When
        try (Connection session = bridges.connect()) {
            UUID silent = bridges.silent(session, id);

            // Then
            await().atMost(Duration.ofSeconds(2)).until(() -> one.members().live().contains(silent));
            await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(4))
                    .until(() -> one.members().live().contains(silent));
            await().atMost(Duration.ofSeconds(5)).until(() -> !one.members().live().contains(silent));
            assertThat(one.finds(id)).isEqualTo(Found.OURS);
        }
    }

    @Test
    void aBridgeThatGetsNoNewSessionHoldsItselfForOutBeforeTheOthersDo() {
        // Given
        Bridge one = bridges.start();

        // When
        bridges.execute("alter table member rename to hidden");

        // Then
        await().atMost(Duration.ofMillis(2900)).until(() -> !one.members().isIn());

        // When
        bridges.execute("alter table hidden rename to member");

        // Then
        await().atMost(Duration.ofSeconds(5)).until(() -> one.members().isIn());
    }
}
