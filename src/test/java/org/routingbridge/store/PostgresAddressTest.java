package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the bridge speaks to PostgreSQL, and the server that stands in for it here. */
class PostgresAddressTest {

    @Test
    void eachDatabaseIsFresh() throws SQLException {
        assertThat(PostgresForTests.url()).isNotEqualTo(PostgresForTests.url());
        assertThat(number(new PostgresAddress(PostgresForTests.url(), null, null),
                "select count(*) from pg_tables where schemaname = 'public'")).isZero();
    }

    @Test
    void aServerThatStandsStillEndsNoWaitLaterThanTheAddressSays() throws SQLException {
        // Given
        PostgresForTests server = PostgresForTests.shared();
        PostgresAddress address = new PostgresAddress(server.newDatabase(), null, null);
        try (Connection connection = address.connect("test"); Statement statement = connection.createStatement()) {
            server.freeze();
            long began = System.nanoTime();

            // When
            assertThatThrownBy(() -> statement.execute("select 1")).isInstanceOf(SQLException.class);

            // Then
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(7));
        } finally {
            server.thaw();
        }
        assertThat(number(address, "select 1")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:99999/bridge?password=hunter2", "localhost:54x2/bridge?password=hunter2",
        "localhost/bridge?password=hunter2%"})
    void whatTheDriverMakesNothingOfIsSaidWithoutItsPassword(String rest) {
        assertThatThrownBy(() -> new PostgresAddress("jdbc:postgresql://" + rest, null, null).connect("test"))
                .isInstanceOf(StoreUnusable.class)
                .hasMessageStartingWith("bridge.store.url: jdbc:postgresql://localhost")
                .hasMessageNotContaining("hunter2");
    }

    private static long number(PostgresAddress address, String sql) throws SQLException {
        try (Connection connection = address.connect("test");
             Statement statement = connection.createStatement();
             ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
