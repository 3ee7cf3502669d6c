package org.routingbridge.several;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.routingbridge.several.ThreeBridges.pass;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.routingbridge.InstalledPrograms;
import org.routingbridge.it.BridgeJvm;
import org.routingbridge.it.BridgeSite;

/**
 * Three bridges on one PostgreSQL are as good as one that never dies (contract, section 10). Each case leaves its
 * bridges to the next one, if all went well. All have the ordering tolerance that {@code docs/several-bridges.md}
 * advises, since on a busy machine an event may meet two bridges that die before one looks at it.
 *
 * <p>{@code mvn verify -Pseveral} is the long form: more events a second, more kills, what is away is so for longer.
 * The short one, a part of {@code mvn verify}, has two kills, a restart of each, a death and a standstill together,
 * and asks for the same: nothing lost, given up, twice or out of order. What it leaves out are rare meetings, such as a
 * kill while another one starts. {@code -Dseveral.rate}, {@code -Dseveral.kills},
 * {@code -Dseveral.pause.seconds}, {@code -Dseveral.away.seconds}, {@code -Dseveral.slowest.millis},
 * {@code -Dseveral.each} and {@code -Dseveral.seed} can be given. The figures are in
 * {@code target/several-report.txt}.
 */
@Tag("under-load")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SeveralBridgesIT {

    private static final int KILLS = Integer.getInteger("several.kills", 2);
    private static final Duration BETWEEN_KILLS =
            Duration.ofSeconds(Integer.getInteger("several.pause.seconds", 5));
    private static final int TWICE_IN_HUNDRED = 10;
    /** After which a bridge that says nothing counts as dead. */
    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final Duration TAKEN_UP = Duration.ofSeconds(15);
    /** Longer than the longest pause between two attempts, 2 s, after which it would send again what it had tried. */
    private static final Duration GONE_ON = Duration.ofSeconds(ThreeBridges.EACH ? 5 : 3);
    /** The reply budget and half a second; a machine busy with three bridges and more is given half a second more. */
    private static final Duration SLOWEST = Duration.ofMillis(Integer.getInteger("several.slowest.millis", 3_000));

    @RegisterExtension
    static final ThreeBridges THREE = new ThreeBridges();

    @Test
    void noKillLosesAnEventOrLeavesItWithItsSender() throws Exception {
        // Given
        long seed = Long.getLong("several.seed", System.nanoTime());
        Bridges bridges = THREE.take();
        Kills kills = new Kills(bridges, seed);
        try (Senders senders = new Senders(bridges.webhooks(), TWICE_IN_HUNDRED).start(ThreeBridges.EVENTS_A_SECOND)) {

            // When
            kills.run(KILLS, BETWEEN_KILLS);
            pass(BETWEEN_KILLS);
            Findings found = THREE.findings(senders);

            // Then
            THREE.report(String.format(Locale.ROOT, "Three bridges, %d kills, %d events a second, seed %d", KILLS,
                    ThreeBridges.EVENTS_A_SECOND, seed), found);
            assertThat(found.lost()).as("lost, seed %d", seed).isEmpty();
            assertThat(found.givenUp()).as("given up, seed %d", seed).isZero();
            assertThat(found.disordered()).as("out of order, seed %d", seed).isEmpty();
            assertThat(kills.unexplained(found.duplicates(), senders.sent(), bridges.bus().delivered()))
                    .as("on the bus twice without a kill, seed %d", seed).isEmpty();
        }
        THREE.leave();
    }

    @Test
    void aRollingRestartBehindHaproxyIsSeenByNoSender() throws Exception {
        InstalledPrograms.assumeThereIs("haproxy", "haproxy");
        // Given
        Bridges bridges = THREE.take();
        try (HaproxyProcess haproxy = new HaproxyProcess(bridges)) {
            for (int i = 0; i < ThreeBridges.COUNT; i++) {
                haproxy.awaitUp(i);
            }
            try (Senders senders = new Senders(List.of(haproxy.webhook()), TWICE_IN_HUNDRED)) {
                senders.start(ThreeBridges.EVENTS_A_SECOND);

                // When
                for (int i = 0; i < ThreeBridges.COUNT; i++) {
                    BridgeJvm stopped = bridges.terminate(i);
                    assertThat(stopped.awaitExit(ThreeBridges.PATIENCE)).isZero();
                    bridges.start(i);
                    bridges.awaitReady(i);
                    haproxy.awaitUp(i);
                }
                Findings found = THREE.findings(senders);

                // Then
                THREE.report("A rolling restart of three bridges behind HAProxy", found);
                assertThat(found.replies().keySet()).as("no reply but 2xx").allMatch(status -> status / 100 == 2);
                assertThat(found.replies().values().stream().mapToInt(Integer::intValue).sum())
                        .as("at the first try").isEqualTo(found.events() + found.events() / 100 * TWICE_IN_HUNDRED
                                + Math.min(found.events() % 100, TWICE_IN_HUNDRED));
                assertThat(found.lost()).isEmpty();
                assertThat(found.duplicates()).isEmpty();
                assertThat(found.disordered()).isEmpty();
            }
        }
        THREE.leave();
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
        return ThreeBridges.EACH ? Stream.of(Fate.values()) : Stream.of(Fate.ONE_OF_EACH);
    }

    @ParameterizedTest
    @MethodSource("fates")
    void whatWaitedIsTakenUpByTheOthersAndNotSentAgainByABridgeThatGoesOn(Fate fate) throws Exception {
        // Given
        Bridges bridges = THREE.take();
        try (Senders senders = new Senders(bridges.webhooks(), fate.dies ? TWICE_IN_HUNDRED : 0)) {
            senders.start(ThreeBridges.EVENTS_A_SECOND);
            pass(ThreeBridges.BEFORE_AND_AFTER);
            bridges.bus().goAway();
            pass(ThreeBridges.AWAY);
            senders.stopOffering();
            await("every sender's end").atMost(ThreeBridges.PATIENCE).until(() -> senders.open() == 0);

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
            await("what waited").atMost(ThreeBridges.PATIENCE)
                    .until(() -> bridges.bus().timesDelivered().keySet().containsAll(waiting));
            Duration took = Duration.ofNanos(System.nanoTime() - back);
            if (fate.standsStill) {
                bridges.thaw(1);
                pass(GONE_ON);
            }

            // Then
            if (fate.dies) {
                bridges.start(0);
            }
            Findings found = THREE.findings(senders);
            THREE.report(String.format(Locale.ROOT,
                    "EventBridge away, and %s: %d events waited, all on the bus after %.1f s",
                    fate, waiting.size(), took.toMillis() / 1e3), found);
            assertThat(waiting).isNotEmpty();
            assertThat(took).isLessThan(LEASE.plus(TAKEN_UP));
            assertThat(found.lost()).isEmpty();
            if (fate.standsStill) {
                assertThat(found.duplicates()).isEmpty();
            }
            assertThat(found.disordered()).isEmpty();
        }
        THREE.leave();
    }

    private static Set<String> ids(Senders senders) {
        return senders.sent().stream().filter(SentEvent::isAccepted).map(SentEvent::id)
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** In the short form it is stopped behind HAProxy alone, below. */
    static Stream<Absence> absences() {
        return Stream.of(Absence.values()).filter(absence -> ThreeBridges.EACH || absence != Absence.STOPPED);
    }

    /** What EventBridge takes at once is 200, all else 503 (contract, section 10). */
    @ParameterizedTest
    @MethodSource("absences")
    void whileTheDatabaseIsAwayWhatEventBridgeTakesIsAccepted(Absence absence) throws Exception {
        // Given
        Bridges bridges = THREE.take();
        try (Senders senders = new Senders(bridges.webhooks(), 0).start(ThreeBridges.EVENTS_A_SECOND)) {
            pass(ThreeBridges.BEFORE_AND_AFTER);

            // When
            long began = System.nanoTime();
            absence.begin(THREE.postgres());
            await("readiness to go down").atMost(ThreeBridges.PATIENCE)
                    .until(() -> !bridges.isReady(0) && !bridges.isReady(1) && !bridges.isReady(2));
            Duration noticed = Duration.ofNanos(System.nanoTime() - began);
            long away = System.nanoTime();
            pass(ThreeBridges.AWAY);
            long ended = System.nanoTime();
            absence.end(THREE.postgres());
            bridges.awaitReady();
            Duration back = Duration.ofNanos(System.nanoTime() - ended);
            pass(ThreeBridges.BEFORE_AND_AFTER);
            Findings found = THREE.findings(senders);

            // Then
            List<SentEvent.Reply> meanwhile = senders.sent().stream().flatMap(event -> event.replies().stream())
                    .filter(reply -> reply.sent() > away && reply.at() < ended).toList();
            long turnedAway = meanwhile.stream().filter(reply -> !reply.isSuccess()).count();
            THREE.report(String.format(Locale.ROOT, "PostgreSQL %s for %d s: noticed after %.1f s, ready %.1f s after"
                    + " its return; %d replies meanwhile, %d of them not 2xx", absence, ThreeBridges.AWAY.toSeconds(),
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

    /** In the short form one; what else may differ is tried without processes, too. */
    static Stream<Difference> differences() {
        return ThreeBridges.EACH ? Stream.of(Difference.values()) : Stream.of(Difference.BUS);
    }

    @ParameterizedTest
    @MethodSource("differences")
    void aBridgeThatDiffersRefusesToStart(Difference difference) throws Exception {
        // Given
        Bridges bridges = THREE.takeAsTheyAre();
        try (BridgeSite another = bridges.siteOfAnother().with(difference.variable, difference.value)) {

            // When
            BridgeJvm started = another.start();
            int status = started.awaitExit(ThreeBridges.PATIENCE);

            // Then
            assertThat(status).isNotZero();
            assertThat(started.output().lines().filter(line -> !line.isBlank())).singleElement()
                    .satisfies(line -> assertThat(line).contains(difference.variable)
                            .doesNotContain(BridgeSite.WEBHOOK_SECRET));
        }
        assertThat(bridges.isReady(0)).isTrue();
        THREE.leave();
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
