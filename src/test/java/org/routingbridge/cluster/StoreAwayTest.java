package org.routingbridge.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.routingbridge.cluster.BridgesForTests.Bridge;
import org.routingbridge.cluster.Claims.Found;
import org.routingbridge.store.PostgresAddress;
import org.routingbridge.store.PostgresForTests;

/** A shared store that does not answer: each bridge goes on by itself, and tells the others afterwards. */
class StoreAwayTest {

    /** Less than the two seconds that a statement waits for a lock. */
    private static final Duration HELD_UP = Duration.ofMillis(1700);
    private static final String SEEN_AT = "select (extract(epoch from seen_at) * 1000)::bigint from member";

    @Test
    void aStoreThatStandsStillHoldsUpNobodyForLongAndLearnsAllOfItAfterwards() {
        PostgresForTests server = PostgresForTests.shared();
        try (BridgesForTests bridges = new BridgesForTests(server.newDatabase())) {
            // Given
            Bridge one = bridges.start();
            Bridge other = bridges.start();
            UUID before = UUID.randomUUID();
            assertThat(one.finds(before)).isEqualTo(Found.OURS);

            // When
            server.freeze();
            List<UUID> meanwhile = Stream.generate(UUID::randomUUID).limit(100).toList();
            try {
                // Then
                assertThat(took(() -> one.accepts(before))).isLessThan(Duration.ofMillis(900));
                assertThat(took(() -> assertThat(one.finds(meanwhile.get(0))).isEqualTo(Found.UNKNOWN)))
                        .isLessThan(Duration.ofMillis(1400));
                assertThat(took(() -> meanwhile.forEach(id -> {
                    assertThat(one.finds(id)).isEqualTo(Found.UNKNOWN);
                    one.accepts(id);
                }))).isLessThan(Duration.ofMillis(900));
                assertThat(one.claims().failure()).isNotNull();
                assertThat(one.finds(meanwhile.get(0))).isEqualTo(Found.ACCEPTED);
            } finally {
                server.thaw();
            }
            await().atMost(Duration.ofSeconds(15)).until(() -> one.claims().failure() == null
                    && other.claims().failure() == null);
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() ->
                    assertThat(bridges.number("select count(*) from claim where state = 1")).isEqualTo(101));
            assertThat(other.finds(before)).isEqualTo(Found.ACCEPTED);
            assertThat(meanwhile).allSatisfy(id -> assertThat(other.finds(id)).isEqualTo(Found.ACCEPTED));
        }
    }

    @Test
    void connectionsThatAreEndedAreOpenedAgain() {
        try (BridgesForTests bridges = new BridgesForTests(PostgresForTests.url())) {
            Bridge one = bridges.start();
            assertThat(one.finds(UUID.randomUUID())).isEqualTo(Found.OURS);
            UUID id = UUID.randomUUID();

            // When
            bridges.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where datname = current_database() and pid <> pg_backend_pid()");

            // Then
            assertThat(one.finds(id)).isEqualTo(Found.UNKNOWN);
            one.claims().accept(id, "key", 5L).join();
            await().atMost(Duration.ofSeconds(5)).until(() ->
                    bridges.number("select count(*) from claim where state = 1") == 1);
            await().atMost(Duration.ofSeconds(5)).until(() -> one.finds(UUID.randomUUID()) == Found.OURS);
            await().atMost(Duration.ofSeconds(5)).until(() -> one.members().isIn());
        }
    }

    @Test
    void aClaimThatIsMadeAfterItsEventHasEndedIsReleased() {
        PostgresForTests server = PostgresForTests.shared();
        try (BridgesForTests bridges = new BridgesForTests(server.newDatabase())) {
            // Given
            Bridge one = bridges.start();
            Bridge other = bridges.start();
            one.finds(UUID.randomUUID());
            UUID id = UUID.randomUUID();
            server.freeze();
            try {
                one.asks(id).join();
                one.claims().release(id, true);
            } finally {
                // When
                server.thaw();
            }

            // Then
            await().atMost(Duration.ofSeconds(10)).until(() -> other.finds(id) == Found.OURS);
        }
    }

    @Test
    void aBridgeHoldsItselfForOutBeforeTheOthersDoHoweverSlowTheStoreWasToAnswer() throws SQLException {
        PostgresForTests server = PostgresForTests.shared();
        try (BridgesForTests bridges = new BridgesForTests(server.newDatabase())) {
            // Given
            Bridge one = bridges.start();
            long signed = 0;
            try (Connection connection = bridges.connect(); Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                // a sign of life is given, and what belongs to it takes its time
                statement.execute("lock table lease in share mode");
                long before = bridges.number(SEEN_AT);
                await().atMost(Duration.ofSeconds(2)).pollInterval(Duration.ofMillis(10))
                        .until(() -> bridges.number(SEEN_AT) != before);
                signed = System.nanoTime();
                long heldSince = signed;
                await().until(() -> System.nanoTime() - heldSince >= HELD_UP.toNanos());
                connection.rollback();
            }

            // When
            await().pollDelay(Duration.ofMillis(200)).until(() -> one.members().failure() == null);
            server.freeze();
            try {
                long silentSince = signed;
                await().atMost(Duration.ofSeconds(15)).pollInterval(Duration.ofMillis(20))
                        .until(() -> !one.members().isIn());

                // Then
                assertThat(Duration.ofNanos(System.nanoTime() - silentSince)).isLessThan(Duration.ofMillis(8800));
            } finally {
                server.thaw();
            }
        }
    }

    @Test
    void aSuspicionThatComesTooLateIsSoonOver() {
        PostgresAddress address = new PostgresAddress(PostgresForTests.url(), null, null);
        try (EndingThread ending = new EndingThread(new Link(address, "test", "select 1"), UUID.randomUUID(), 10)) {
            // Given
            ending.start();
            await().pollDelay(Duration.ofMillis(500)).until(() -> ending.failure() == null);

            // When
            ending.suspect(SharedClaims.NO_ANSWER);

            // Then
            await().atMost(Duration.ofSeconds(1)).until(() -> ending.failure() == null);
        }
    }

    private static Duration took(Runnable work) {
        long began = System.nanoTime();
        work.run();
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
