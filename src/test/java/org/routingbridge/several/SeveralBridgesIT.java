package org.routingbridge.several;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
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
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.routingbridge.InstalledPrograms;
import org.routingbridge.it.BridgeJvm;
import org.routingbridge.it.BridgeSite;

/**
 * Three bridges on one PostgreSQL are as good as one that never dies (contract, section 10). Each case leaves its
 * bridges to the next one, if all went well.
 *
 * <p>{@code mvn verify -Pseveral} is the long form: more events a second, more kills, a database that is away for
 * longer. The short one, a part of {@code mvn verify}, has each kind of kill, restart and absence once, a death and a
 * standstill together, and asks for the same: nothing lost, given up, twice or out of order. What it leaves out are
 * rare meetings, such as a kill while two others start. {@code -Dseveral.rate}, {@code -Dseveral.kills},
 * {@code -Dseveral.pause.seconds}, {@code -Dseveral.away.seconds}, {@code -Dseveral.each} and {@code -Dseveral.seed}
 * can be given. The figures are in {@code target/several-report.txt}.
 */
@Tag("under-load")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SeveralBridgesIT {

    private static final int BRIDGES = 3;
    private static final int EVENTS_A_SECOND = Integer.getInteger("several.rate", 60);
    private static final int KILLS = Integer.getInteger("several.kills", 3);
    private static final Duration BETWEEN_KILLS =
            Duration.ofSeconds(Integer.getInteger("several.pause.seconds", 5));
    private static final Duration AWAY = Duration.ofSeconds(Integer.getInteger("several.away.seconds", 3));
    /** Whether what can be had together has a case of its own. */
    private static final boolean EACH = Boolean.getBoolean("several.each");
    private static final int TWICE_IN_HUNDRED = 10;
    /** After which a bridge that says nothing counts as dead. */
    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final Duration TAKEN_UP = Duration.ofSeconds(15);
    /** The reply budget and half a second; a machine that is busy with three bridges is given half a second more. */
    private static final Duration SLOWEST = Duration.ofMillis(Integer.getInteger("several.slowest.millis", 3_000));
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Path REPORT = Path.of("target", "several-report.txt");

    private static PostgresProcess postgres;
    /** Of the case before, ready, warm and with nothing waiting; null where there are none. */
    private static Bridges left;

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
        closeThoseLeft();
        postgres.close();
    }

    private static void closeThoseLeft() {
        if (left != null) {
            left.close();
            left = null;
        }
    }

    @AfterEach
    void close() {
        if (bridges != null) {
            bridges.close();
        }
    }

    /** Three that are ready, have compiled what they need, and hold nothing. */
    private void takeThree() throws InterruptedException {
        bridges = left;
        left = null;
        if (bridges == null) {
            startThree();
        } else {
            // one that waited for EventBridge may not have found out yet that it is back
            for (URI webhook : bridges.webhooks()) {
                await("200 of " + webhook).atMost(PATIENCE).until(() -> firstReply(webhook) == 200);
            }
            bridges.bus().clear();
        }
    }

    private void startThree(String... variableAndValue) throws InterruptedException {
        closeThoseLeft();
        bridges = new Bridges(BRIDGES, postgres.newDatabase()).with("BRIDGE_SHUTDOWN_DELAY", "3s");
        if (variableAndValue.length > 0) {
            bridges.with(variableAndValue[0], variableAndValue[1]);
        }
        bridges.start();
        warmUp();
    }

    /** Bridges that have compiled what they need, as those that run for a while have. */
    private void warmUp() throws InterruptedException {
        try (Senders senders = new Senders(bridges.webhooks(), 0).start(EVENTS_A_SECOND / 2)) {
            pass(WARM_UP);
            senders.stopOffering();
            await("every sender's end").atMost(PATIENCE).until(() -> senders.open() == 0);
        }
    }

    private static int firstReply(URI webhook) throws InterruptedException {
        try (Senders senders = new Senders(List.of(webhook), 0).start(1)) {
            await("an event").until(() -> !senders.sent().isEmpty());
            senders.stopOffering();
            await("an answer").atMost(PATIENCE).until(() -> senders.open() == 0);
            return senders.sent().get(0).replies().get(0).status();
        }
    }

    /** To the next case, which a case that fails does not come to. */
    private void leaveThem() {
        bridges.bus().clear();
        left = bridges;
        bridges = null;
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

    /** First, since no other case can do with what it starts. */
    @Order(1)
    @Test
    void noKillLosesAnEventOrLeavesItWithItsSender() throws Exception {
        // Given
        long seed = Long.getLong("several.seed", System.nanoTime());
        // an event that met two bridges that died before they looked at it is older than the usual 10 s on a busy machine
        startThree("BRIDGE_ORDERING_TOLERANCE", "30s");
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
            assertThat(kills.unexplained(found.duplicates(), senders.sent(), bridges.bus().delivered()))
                    .as("on the bus twice without a kill, seed %d", seed).isEmpty();
        }
    }

    @Test
    void aRollingRestartBehindHaproxyIsSeenByNoSender() throws Exception {
        InstalledPrograms.assumeThereIs("haproxy", "haproxy");
        // Given
        takeThree();
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
        leaveThem();
    }

    /** What becomes of bridges at which events wait. */
    enum Fate {

        ONE_DIES(true, false),
        ONE_STANDS_STILL(false, true),
        ONE_OF_EACH(true, true);

        private final boolean dies;
        private final boolean standsStill;

        Fate(boolean dies, boolean standsStill) {
            this.dies = dies;
            this.standsStill = standsStill;
        }
    }

    static Stream<Fate> fates() {
        return EACH ? Stream.of(Fate.values()) : Stream.of(Fate.ONE_OF_EACH);
    }

    @ParameterizedTest
    @MethodSource("fates")
    void whatWaitedIsTakenUpByTheOthersAndNotSentAgainByABridgeThatGoesOn(Fate fate) throws Exception {
        // Given
        takeThree();
        try (Senders senders = new Senders(bridges.webhooks(), fate.dies ? TWICE_IN_HUNDRED : 0)) {
            senders.start(EVENTS_A_SECOND);
            pass(Duration.ofSeconds(2));
            bridges.bus().goAway();
            pass(AWAY);
            senders.stopOffering();
            await("every sender's end").atMost(PATIENCE).until(() -> senders.open() == 0);

            // When
            if (fate.dies) {
                bridges.kill(0);
            }
            if (fate.standsStill) {
                bridges.freeze(1);
            }
            bridges.bus().comeBack();
            long back = System.nanoTime();
            Set<String> waiting = ids(senders);
            waiting.removeAll(bridges.bus().timesDelivered().keySet());
            await("what waited").atMost(PATIENCE)
                    .until(() -> bridges.bus().timesDelivered().keySet().containsAll(waiting));
            Duration took = Duration.ofNanos(System.nanoTime() - back);
            if (fate.standsStill) {
                bridges.thaw(1);
                pass(Duration.ofSeconds(5));
            }

            // Then
            if (fate.dies) {
                bridges.start(0);
            }
            Findings found = findings(senders);
            report(String.format(Locale.ROOT, "EventBridge away, and %s: %d events waited, all on the bus after %.1f s",
                    fate, waiting.size(), took.toMillis() / 1e3), found);
            assertThat(waiting).isNotEmpty();
            assertThat(took).isLessThan(LEASE.plus(TAKEN_UP));
            assertThat(found.lost()).isEmpty();
            if (fate.standsStill) {
                assertThat(found.duplicates()).isEmpty();
            }
            assertThat(found.disordered()).isEmpty();
        }
        leaveThem();
    }

    private static Set<String> ids(Senders senders) {
        return senders.sent().stream().filter(SentEvent::isAccepted).map(SentEvent::id)
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** In the short form it is stopped behind HAProxy alone, below. */
    static Stream<Absence> absences() {
        return Stream.of(Absence.values()).filter(absence -> EACH || absence != Absence.STOPPED);
    }

    @ParameterizedTest
    @MethodSource("absences")
    void whileTheDatabaseIsAwayWhatEventBridgeTakesIsAccepted(Absence absence) throws Exception {
        // Given
        takeThree();
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
        leaveThem();
    }

    @Test
    void whileTheDatabaseIsAwayHaproxyGoesOnWithTheBridgesThatLive() throws Exception {
        InstalledPrograms.assumeThereIs("haproxy", "haproxy");
        // Given
        takeThree();
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
        leaveThem();
    }

    @ParameterizedTest
    @EnumSource
    void aBridgeThatDiffersRefusesToStart(Difference difference) throws InterruptedException {
        // Given
        takeThree();
        try (BridgeSite another = bridges.siteOfAnother().with(difference.variable, difference.value)) {

            // When
            BridgeJvm started = another.start();
            int status = started.awaitExit(PATIENCE);

            // Then
            assertThat(status).isNotZero();
            assertThat(started.output().lines().filter(line -> !line.isBlank())).singleElement()
                    .satisfies(line -> assertThat(line).contains(difference.variable)
                            .doesNotContain(BridgeSite.WEBHOOK_SECRET));
        }
        assertThat(bridges.isReady(0)).isTrue();
        leaveThem();
    }

    /** What another bridge must not have otherwise. */
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
