package org.routingbridge.several;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.routingbridge.several.ThreeBridges.pass;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.routingbridge.InstalledPrograms;

/**
 * With the store away that three bridges share, what EventBridge takes at once is 200, all else 503 (contract, section
 * 10). The long form is {@code mvn verify -Pseveral}; the figures are in {@code target/store-away-report.txt}.
 */
@Tag("under-load")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SharedStoreAwayIT {

    /** The reply budget and half a second; a machine that is busy with three bridges is given half a second more. */
    private static final Duration SLOWEST = Duration.ofMillis(Integer.getInteger("several.slowest.millis", 3_000));

    @RegisterExtension
    static final ThreeBridges THREE = new ThreeBridges("store-away-report.txt");

    /** How the database goes away and comes back. */
    enum Absence {

        STOPPED {
            @Override
            void begin(PostgresProcess postgres) {
                postgres.stop();
            }

            @Override
            void end(PostgresProcess postgres) {
                postgres.start();
            }
        },
        KILLED {
            @Override
            void begin(PostgresProcess postgres) {
                postgres.kill();
            }

            @Override
            void end(PostgresProcess postgres) {
                postgres.start();
            }
        },
        AT_ITS_CONNECTION_LIMIT {
            @Override
            void begin(PostgresProcess postgres) {
                postgres.refuseConnections();
            }

            @Override
            void end(PostgresProcess postgres) {
                postgres.allowConnections();
            }
        };

        abstract void begin(PostgresProcess postgres);

        abstract void end(PostgresProcess postgres);
    }

    /** In the short form it is stopped behind HAProxy alone, below. */
    static Stream<Absence> absences() {
        return Stream.of(Absence.values()).filter(absence -> ThreeBridges.EACH || absence != Absence.STOPPED);
    }

    @ParameterizedTest
    @MethodSource("absences")
    void whileTheDatabaseIsAwayWhatEventBridgeTakesIsAccepted(Absence absence) throws Exception {
        // Given
        Bridges bridges = THREE.take();
        try (Senders senders = new Senders(bridges.webhooks(), 0).start(ThreeBridges.EVENTS_A_SECOND)) {
            pass(Duration.ofSeconds(2));

            // When
            long began = System.nanoTime();
            absence.begin(THREE.postgres());
            await("readiness to go down").atMost(ThreeBridges.PATIENCE).until(() -> !bridges.isReady(0) && !bridges.isReady(1)
                    && !bridges.isReady(2));
            Duration noticed = Duration.ofNanos(System.nanoTime() - began);
            long away = System.nanoTime();
            pass(ThreeBridges.AWAY);
            long ended = System.nanoTime();
            absence.end(THREE.postgres());
            bridges.awaitReady();
            Duration back = Duration.ofNanos(System.nanoTime() - ended);
            pass(Duration.ofSeconds(2));
            Findings found = THREE.findings(senders);

            // Then
            List<SentEvent.Reply> meanwhile = senders.sent().stream().flatMap(event -> event.replies().stream())
                    .filter(reply -> reply.sent() > away && reply.at() < ended).toList();
            long turnedAway = meanwhile.stream().filter(reply -> !reply.isSuccess()).count();
            THREE.report(String.format(Locale.ROOT, "PostgreSQL %s for %d s: noticed after %.1f s, ready %.1f s after its"
                    + " return; %d replies meanwhile, %d of them not 2xx", absence, ThreeBridges.AWAY.toSeconds(),
                    noticed.toMillis() / 1e3, back.toMillis() / 1e3, meanwhile.size(), turnedAway), found);
            assertThat(meanwhile).isNotEmpty();
            assertThat(turnedAway).as("not 2xx while the database is away and EventBridge well").isZero();
            assertThat(found.givenUp()).isZero();
            assertThat(found.lost()).isEmpty();
            assertThat(found.slowest()).isLessThan(SLOWEST);
        }
        THREE.leave();
    }

    @Test
    void whileTheDatabaseIsAwayHaproxyGoesOnWithTheBridgesThatLive() throws Exception {
        InstalledPrograms.assumeThereIs("haproxy", "haproxy");
        // Given
        Bridges bridges = THREE.take();
        try (HaproxyProcess haproxy = new HaproxyProcess(bridges);
             Senders senders = new Senders(List.of(haproxy.webhook()), 0)) {
            for (int i = 0; i < ThreeBridges.COUNT; i++) {
                haproxy.awaitUp(i);
            }
            Absence.STOPPED.begin(THREE.postgres());
            haproxy.awaitNoneUp();

            // When
            senders.start(ThreeBridges.EVENTS_A_SECOND);
            pass(Duration.ofSeconds(3));
            senders.stopOffering();
            await("every sender's end").atMost(ThreeBridges.PATIENCE).until(() -> senders.open() == 0);
            Absence.STOPPED.end(THREE.postgres());
            Findings found = THREE.findings(senders);

            // Then
            THREE.report("PostgreSQL away behind HAProxy, with no bridge ready", found);
            assertThat(found.replies()).containsOnlyKeys(200);
            assertThat(found.lost()).isEmpty();
        }
        THREE.leave();
    }
}
