package org.routingbridge.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.routingbridge.cluster.BridgesForTests.Bridge;
import org.routingbridge.cluster.Claims.Found;
import org.routingbridge.store.PostgresForTests;

/** A bridge whose sessions end, and which goes on by new ones. */
class TerminatedSessionsTest {

    @AutoClose
    private final BridgesForTests bridges = new BridgesForTests(PostgresForTests.url());

    @Test
    void aBridgeThatLosesItsSessionsAgainAndAgainIsOutOrDeadAtNoMoment() {
        // Given
        Bridge one = bridges.start();
        Bridge other = bridges.start();
        UUID id = UUID.randomUUID();
        assertThat(other.finds(id)).isEqualTo(Found.OURS);
        UUID instance = other.members().instance();
        await().atMost(Duration.ofSeconds(2)).until(() -> one.members().live().contains(instance));
        String endSession = "select count(pg_terminate_backend(backend)) from member where instance = '" + instance
                + "'";

        // Then
        for (int i = 0; i < 4; i++) {
            assertThat(bridges.number(endSession)).isOne();
            // a machine that is busy with other tests may take its time to begin a session
            await().during(Duration.ofMillis(1500)).atMost(Duration.ofMillis(4500)).until(() -> other.members().isIn()
                    && one.members().live().contains(instance));
            assertThat(one.finds(id)).isEqualTo(Found.IN_FLIGHT);
        }
        assertThat(bridges.number("select count(*) from member, pg_stat_activity where pid = backend")).isEqualTo(2);
    }
}
