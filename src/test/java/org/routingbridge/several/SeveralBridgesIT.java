package org.routingbridge.several;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.routingbridge.InstalledPrograms;
import org.routingbridge.it.BridgeJvm;
import org.routingbridge.it.BridgeSite;

/**
 * Three bridges on one PostgreSQL are as good as one that never dies (contract, section 10). A short form is part of
 * {@code mvn verify}; {@code mvn verify -Pseveral} is the long one: more events a second, more kills, a database that is
 * away for longer. {@code -Dseveral.rate}, {@code -Dseveral.kills}, {@code -Dseveral.away.seconds} and
 * {@code -Dseveral.seed} can be given. The figures are in {@code target/several-report.txt}.
 */
@Tag("under-load")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SeveralBridgesIT {

    private static final int BRIDGES = 3;
    private static final int EVENTS_A_SECOND = Integer.getInteger("several.rate", 60);
    private static final int KILLS = Integer.getInteger("several.kills", 3);
    private static final Duration BETWEEN_KILLS = Duration.ofSeconds(5);
    private static final Duration AWAY = Duration.ofSeconds(Integer.getInteger("several.away.seconds", 5));
    private static final int TWICE_IN_HUNDRED = 10;
    /** After which a bridge that says nothing counts as dead. */
    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final Duration TAKEN_UP = Duration.ofSeconds(15);
    /** The reply budget and half a second; a machine that is busy with three bridges is given half a second more. */
    private static final Duration SLOWEST = Duration.ofMillis(Integer.getInteger("several.slowest.millis", 3_000));
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Path REPORT = Path.of("target", "several-report.txt");

    private static PostgresProcess postgres;

    private final CountDownLatch nothing = new CountDownLatch(1);
    private Bridges bridges;

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

    @BeforeAll
    static void startPostgres() throws IOException {
        Files.deleteIfExists(REPORT);
        postgres = new PostgresProcess();
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @AfterEach
    void close() {
        if (bridges != null) {
            bridges.close();
        }
    }

    /** Bridges that have compiled what they need, as those that run for a while have. */
    private void warmUp() throws InterruptedException {
        try (Senders senders = new Senders(bridges.webhooks(), 0).start(EVENTS_A_SECOND / 2)) {
            pass(WARM_UP);
            senders.stopOffering();
            await("every sender's end").atMost(PATIENCE).until(() -> senders.open() == 0);
        }
    }

    private Bridges three() {
        bridges = new Bridges(BRIDGES, postgres.newDatabase());
        return bridges;
    }

    private void pass(Duration duration) throws InterruptedException {
        nothing.await(duration.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void report(String title, Object found) throws IOException {
        String text = title + System.lineSeparator() + "  " + found + System.lineSeparator();
        System.out.println(text);
        Files.writeString(REPORT, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Once every sender has come to its end and nothing waits. */
    private Findings findings(Senders senders) throws IOException, InterruptedException {
        senders.stopOffering();
        await("every sender's end").atMost(PATIENCE).until(() -> senders.open() == 0);
        bridges.awaitReady();
        bridges.awaitDrained(0);
        Findings found = Findings.of(senders.sent(), bridges.bus().delivered(), bridges.deadLetters(0),
                bridges.undeduplicated());
        found.stories(senders.sent(), bridges.bus().delivered()).forEach(System.out::println);
        return found;
    }

    @Test
    void noKillLosesAnEventOrLeavesItWithItsSender() throws Exception {
        // Given
        long seed = Long.getLong("several.seed", System.nanoTime());
        // an event that met two bridges that died before they looked at it is older than the usual 10 s on a busy machine
        three().with("BRIDGE_ORDERING_TOLERANCE", "30s").start();
        warmUp();
        Kills kills = new Kills(bridges, seed);
        try (Senders senders = new Senders(bridges.webhooks(), TWICE_IN_HUNDRED).start(EVENTS_A_SECOND)) {

            // When
            kills.run(KILLS, BETWEEN_KILLS);
            pass(BETWEEN_KILLS);
            Findings found = findings(senders);

            // Then
            report(String.format(Locale.ROOT, "Three bridges, %d kills, %d events a second, seed %d", KILLS,
                    EVENTS_A_SECOND, seed), found);
            assertThat(found.lost()).as("lost, seed %d", seed).isEmpty();
            assertThat(found.givenUp()).as("given up, seed %d", seed).isZero();
            assertThat(found.disordered()).as("out of order, seed %d", seed).isEmpty();
            assertThat(kills.unexplained(found.duplicates(), bridges.bus().delivered()))
                    .as("on the bus twice without a kill, seed %d", seed).isEmpty();
        }
    }

    @Test
    void aRollingRestartBehindHaproxyIsSeenByNoSender() throws Exception {
        InstalledPrograms.assumeThereIs("haproxy", "haproxy");
        // Given
        three().with("BRIDGE_SHUTDOWN_DELAY", "3s").start();
        try (HaproxyProcess haproxy = new HaproxyProcess(bridges)) {
            for (int i = 0; i < BRIDGES; i++) {
                haproxy.awaitUp(i);
            }
            try (Senders senders = new Senders(List.of(haproxy.webhook()), TWICE_IN_HUNDRED)) {
                senders.start(EVENTS_A_SECOND);

                // When
                for (int i = 0; i < BRIDGES; i++) {
                    BridgeJvm stopped = bridges.terminate(i);
                    assertThat(stopped.awaitExit(PATIENCE)).isZero();
                    bridges.start(i);
                    bridges.awaitReady(i);
                    haproxy.awaitUp(i);
                }
                Findings found = findings(senders);

                // Then
                report("A rolling restart of three bridges behind HAProxy", found);
                assertThat(found.replies().keySet()).as("no reply but 2xx").allMatch(status -> status / 100 == 2);
                assertThat(found.replies().values().stream().mapToInt(Integer::intValue).sum())
                        .as("at the first try").isEqualTo(found.events() + found.events() / 100 * TWICE_IN_HUNDRED
                                + Math.min(found.events() % 100, TWICE_IN_HUNDRED));
                assertThat(found.lost()).isEmpty();
                assertThat(found.duplicates()).isEmpty();
                assertThat(found.disordered()).isEmpty();
            }
        }
    }

    @Test
    void whatWaitedAtABridgeThatDiedIsTakenUp() throws Exception {
        // Given
        three().start();
        try (Senders senders = new Senders(bridges.webhooks(), TWICE_IN_HUNDRED).start(EVENTS_A_SECOND)) {
            pass(Duration.ofSeconds(2));
            bridges.bus().goAway();
            pass(AWAY);
            senders.stopOffering();
            await("every sender's end").atMost(PATIENCE).until(() -> senders.open() == 0);

            // When
            bridges.kill(0);
            bridges.bus().comeBack();
            long killed = System.nanoTime();
            Set<String> waiting = ids(senders);
            waiting.removeAll(bridges.bus().timesDelivered().keySet());
            await("what waited").atMost(PATIENCE)
                    .until(() -> bridges.bus().timesDelivered().keySet().containsAll(waiting));
            Duration took = Duration.ofNanos(System.nanoTime() - killed);

            // Then
            bridges.start(0);
            Findings found = findings(senders);
            report(String.format(Locale.ROOT, "EventBridge away, and a kill: %d events waited, all on the bus after %.1f s",
                    waiting.size(), took.toMillis() / 1e3), found);
            assertThat(waiting).isNotEmpty();
            assertThat(took).isLessThan(LEASE.plus(TAKEN_UP));
            assertThat(found.lost()).isEmpty();
            assertThat(found.disordered()).isEmpty();
        }
    }

    @Test
    void whatWaitedAtABridgeThatStandsStillIsTakenUpAndNotSentAgainByIt() throws Exception {
        // Given
        three().start();
        try (Senders senders = new Senders(bridges.webhooks(), 0).start(EVENTS_A_SECOND)) {
            pass(Duration.ofSeconds(2));
            bridges.bus().goAway();
            pass(Duration.ofSeconds(3));
            senders.stopOffering();
            await("every sender's end").atMost(PATIENCE).until(() -> senders.open() == 0);

            // When
            bridges.freeze(0);
            bridges.bus().comeBack();
            long frozen = System.nanoTime();
            Set<String> waiting = ids(senders);
            waiting.removeAll(bridges.bus().timesDelivered().keySet());
            await("what waited").atMost(PATIENCE)
                    .until(() -> bridges.bus().timesDelivered().keySet().containsAll(waiting));
            Duration took = Duration.ofNanos(System.nanoTime() - frozen);
            bridges.thaw(0);
            pass(Duration.ofSeconds(5));

            // Then
            Findings found = findings(senders);
            report(String.format(Locale.ROOT, "EventBridge away, and a bridge that stands still: %d events waited, all on"
                    + " the bus after %.1f s", waiting.size(), took.toMillis() / 1e3), found);
            assertThat(waiting).isNotEmpty();
            assertThat(took).isLessThan(LEASE.plus(TAKEN_UP));
            assertThat(found.lost()).isEmpty();
            assertThat(found.duplicates()).isEmpty();
            assertThat(found.disordered()).isEmpty();
        }
    }

    private static Set<String> ids(Senders senders) {
        return senders.sent().stream().filter(SentEvent::isAccepted).map(SentEvent::id)
                .collect(Collectors.toCollection(HashSet::new));
    }

    @ParameterizedTest
    @EnumSource
    void whileTheDatabaseIsAwayWhatEventBridgeTakesIsAccepted(Absence absence) throws Exception {
        // Given
        three().start();
        warmUp();
        try (Senders senders = new Senders(bridges.webhooks(), 0).start(EVENTS_A_SECOND)) {
            pass(Duration.ofSeconds(2));

            // When
            long began = System.nanoTime();
            absence.begin(postgres);
            await("readiness to go down").atMost(PATIENCE).until(() -> !bridges.isReady(0) && !bridges.isReady(1)
                    && !bridges.isReady(2));
            Duration noticed = Duration.ofNanos(System.nanoTime() - began);
            long away = System.nanoTime();
            pass(AWAY);
            long ended = System.nanoTime();
            absence.end(postgres);
            bridges.awaitReady();
            Duration back = Duration.ofNanos(System.nanoTime() - ended);
            pass(Duration.ofSeconds(2));
            Findings found = findings(senders);

            // Then
            List<SentEvent.Reply> meanwhile = senders.sent().stream().flatMap(event -> event.replies().stream())
                    .filter(reply -> reply.sent() > away && reply.at() < ended).toList();
            long turnedAway = meanwhile.stream().filter(reply -> !reply.isSuccess()).count();
            report(String.format(Locale.ROOT, "PostgreSQL %s for %d s: noticed after %.1f s, ready %.1f s after its"
                    + " return; %d replies meanwhile, %d of them not 2xx", absence, AWAY.toSeconds(),
                    noticed.toMillis() / 1e3, back.toMillis() / 1e3, meanwhile.size(), turnedAway), found);
            assertThat(meanwhile).isNotEmpty();
            assertThat(turnedAway).as("not 2xx while the database is away and EventBridge well").isZero();
            assertThat(found.givenUp()).isZero();
            assertThat(found.lost()).isEmpty();
            assertThat(found.slowest()).isLessThan(SLOWEST);
        }
    }

    @Test
    void whileTheDatabaseIsAwayHaproxyGoesOnWithTheBridgesThatLive() throws Exception {
        InstalledPrograms.assumeThereIs("haproxy", "haproxy");
        // Given
        three().start();
        try (HaproxyProcess haproxy = new HaproxyProcess(bridges);
             Senders senders = new Senders(List.of(haproxy.webhook()), 0)) {
            for (int i = 0; i < BRIDGES; i++) {
                haproxy.awaitUp(i);
            }
            Absence.STOPPED.begin(postgres);
            haproxy.awaitNoneUp();

            // When
            senders.start(EVENTS_A_SECOND);
            pass(Duration.ofSeconds(3));
            senders.stopOffering();
            await("every sender's end").atMost(PATIENCE).until(() -> senders.open() == 0);
            Absence.STOPPED.end(postgres);
            Findings found = findings(senders);

            // Then
            report("PostgreSQL away behind HAProxy, with no bridge ready", found);
            assertThat(found.replies()).containsOnlyKeys(200);
            assertThat(found.lost()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBridgeThatDiffersRefusesToStart(Difference difference) {
        // Given
        three();
        bridges.start(0);
        bridges.awaitReady(0);
        bridges.site(1).with(difference.variable, difference.value);

        // When
        bridges.start(1);
        int status = bridges.awaitEnd(1);

        // Then
        assertThat(status).isNotZero();
        assertThat(bridges.output(1).lines().filter(line -> !line.isBlank())).singleElement()
                .satisfies(line -> assertThat(line).contains(difference.variable)
                        .doesNotContain(BridgeSite.WEBHOOK_SECRET));
        assertThat(bridges.isReady(0)).isTrue();
    }

    /** What a second bridge must not have otherwise. */
    enum Difference {

        BUS("EVENTBUS_NAME", "another-bus"),
        SECRET("WEBHOOK_SECRET", "another-secret-than-the-first-bridge-has"),
        WINDOW("BRIDGE_IDEMPOTENCY_TTL", "2h");

        private final String variable;
        private final String value;

        Difference(String variable, String value) {
            this.variable = variable;
            this.value = value;
        }
    }
}
