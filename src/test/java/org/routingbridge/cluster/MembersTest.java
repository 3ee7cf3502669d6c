package org.routingbridge.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.routingbridge.cluster.BridgesForTests.Bridge;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.store.PostgresForTests;
import org.routingbridge.store.StoreUnusable;

/** The bridges on one store: who is there, what they agree on, what one of them does. */
class MembersTest {

    private static final String OLD = "the-old-secret-of-all-bridges";
    private static final String NEW = "the-new-secret-of-all-bridges";

    @AutoClose
    private final BridgesForTests bridges = new BridgesForTests(PostgresForTests.url());

    @Test
    void eachKnowsTheOthersWithTheirNumbersUntilTheyEnd() {
        // Given
        Bridge one = bridges.start();
        Bridge other = bridges.start();
        other.members().accounting(() -> "{\"received\":7}");

        // Then
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            assertThat(one.members().live()).containsExactlyInAnyOrder(one.members().instance(),
                    other.members().instance());
            assertThat(one.members().all()).extracting(Member::accounting).contains("{\"received\":7}");
        });

        // When
        other.members().close();

        // Then
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            assertThat(one.members().live()).containsExactly(one.members().instance());
            assertThat(one.members().all()).hasSize(2).extracting(Member::accounting).contains("{\"received\":7}");
        });
    }

    @Test
    void eachKnowsWhichOfTheOthersCanPublish() {
        // Given
        Bridge one = bridges.start();
        Bridge other = bridges.start();
        AtomicBoolean publishes = new AtomicBoolean();
        other.members().publishing(publishes::get);

        // Then
        await().atMost(Duration.ofSeconds(5)).until(() -> one.members().live().size() == 2
                && one.members().publishing().equals(Set.of(one.members().instance())));
        assertThat(other.members().publishes()).isFalse();

        // When
        publishes.set(true);

        // Then
        await().atMost(Duration.ofSeconds(5)).until(() -> one.members().publishing().size() == 2);
    }

    @Test
    void tablesOfAnOlderVersionAreBroughtUpByTheFirstThatIsAlone() {
        // Given
        bridges.start().members().close();
        bridges.execute("alter table member drop column backend, drop column publishes");
        bridges.execute("update common_settings set value = '1' where name = 'schema version'");

        // Then
        bridges.start();
        assertThat(bridges.number("select count(*) from common_settings where name = 'schema version' and value = '3'"))
                .isOne();
    }

    @Test
    void tablesOfAnOlderVersionThatAreInUseAreLeftAlone() {
        bridges.start();
        bridges.execute("update common_settings set value = '1' where name = 'schema version'");
        assertThatThrownBy(() -> bridges.start()).isInstanceOf(StoreUnusable.class).hasMessageContaining("version 1");
    }

    @ParameterizedTest
    @CsvSource({"bridge.eventbridge.bus, another-bus", "bridge.idempotency.ttl, 2h",
            "bridge.idempotency.max.entries, 5", "bridge.webhook.secret, " + NEW})
    void aBridgeThatDiffersFromTheOthersDoesNotStart(String name, String value) {
        bridges.start();
        assertThatThrownBy(() -> bridges.start(name, value)).isInstanceOfSatisfying(InvalidSettings.class, invalid ->
                assertThat(invalid.problems()).singleElement().asString().contains("(" + name + "): ")
                        .doesNotContain(NEW));
    }

    @Test
    void withNobodyThereSettingsMayBeOthers() {
        bridges.start().members().close();
        assertThatCode(() -> bridges.start("bridge.idempotency.ttl", "2h")).doesNotThrowAnyException();
    }

    @Test
    void aSecretIsRotatedOneBridgeAfterTheOther() {
        // Given
        Bridge first = bridges.start("bridge.webhook.secret", OLD);
        bridges.start("bridge.webhook.secret", OLD);

        // Then
        first.members().close();
        first = bridges.start("bridge.webhook.secret", NEW, "bridge.webhook.secret.previous", OLD);
        bridges.start("bridge.webhook.secret", NEW, "bridge.webhook.secret.previous", OLD);
        first.members().close();
        bridges.start("bridge.webhook.secret", NEW);
        assertThatThrownBy(() -> bridges.start("bridge.webhook.secret", OLD)).isInstanceOf(InvalidSettings.class);
    }

    @Test
    void aBridgeThatJoinsAgainGoesByTheSaltThatIsThereThen() {
        // Given
        Bridge first = bridges.start("bridge.webhook.secret", OLD);
        bridges.execute("delete from common_settings");

        // When
        bridges.execute("select pg_terminate_backend(backend) from member where instance = '"
                + first.members().instance() + "'");
        await().atMost(Duration.ofSeconds(10)).until(() ->
                bridges.number("select count(*) from common_settings where name = 'secret salt'") == 1);

        // Then
        bridges.start("bridge.webhook.secret", OLD);
        assertThatThrownBy(() -> bridges.start("bridge.webhook.secret", NEW)).isInstanceOf(InvalidSettings.class);
    }

    @Test
    void tablesOfAnotherVersionAreLeftAlone() {
        bridges.start().members().close();
        bridges.execute("update common_settings set value = '99' where name = 'schema version'");
        assertThatThrownBy(() -> bridges.start()).isInstanceOf(StoreUnusable.class).hasMessageContaining("version 99");
    }

    @Test
    void oneKeepsTheWebhookRegisteredAndAnotherAfterIt() {
        // Given
        Bridge one = bridges.start();
        Bridge other = bridges.start();
        RegistrationLease ones = new RegistrationLease(one.members());
        RegistrationLease others = new RegistrationLease(other.members());
        assertThat(ones.isOurs()).isTrue();
        assertThat(others.isOurs()).isFalse();

        // When
        bridges.kill(one);

        // Then
        await().atMost(Duration.ofSeconds(5)).until(others::isOurs);
        assertThat(ones.isOurs()).isFalse();
    }

    @Test
    void aBridgeAloneKeepsItRegistered() {
        assertThat(new RegistrationLease(null).isOurs()).isTrue();
    }

    @Test
    void whatIsOverIsTakenOutAndTheOldestOfWhatIsTooMuch() {
        // Given
        String most = "bridge.idempotency.max.entries";
        String now = "(extract(epoch from clock_timestamp()) * 1000)::bigint";
        bridges.start(most, "10").members().close();
        bridges.execute("insert into claim select gen_random_uuid(), gen_random_uuid(), 0, 1, true, "
                + now + " - 7200000, " + now + " - 7200000 from generate_series(1, 5000)");
        bridges.execute("insert into claim select gen_random_uuid(), gen_random_uuid(), 0, 1, true, " + now + ", "
                + now + " + i from generate_series(1, 15) as i");
        bridges.execute("insert into claim select gen_random_uuid(), gen_random_uuid(), 0, 3, true, 0, "
                + Long.MAX_VALUE + " from generate_series(1, 3)");

        // When
        bridges.start(most, "10");

        // Then
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(bridges.number("select count(*) from claim where state = 1")).isEqualTo(10);
            assertThat(bridges.number("select count(*) from claim where state = 3")).isEqualTo(3);
        });
    }

    @Test
    void whatKeepsOldClaimsFromBeingTakenOutKeepsNobodyOut() throws SQLException {
        // Given
        Bridge one = bridges.start();
        await().until(() -> one.members().isIn());
        try (Connection connection = bridges.connect(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set idle_in_transaction_session_timeout = 0");
            statement.execute("lock table claim in share mode");

            // Then
            await().during(Duration.ofMillis(3500)).atMost(Duration.ofMillis(4500))
                    .until(() -> one.members().failure() == null);
            connection.rollback();
        }
    }
}
