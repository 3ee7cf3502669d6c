package org.routingbridge.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.EventFactory;

/**
 * What takes an attacker minutes, against one bridge that goes on serving an honest sender:
 * {@code mvn verify -Pattack}. Its figures are in {@code target/attack-report.txt}. Times are reported and, but for
 * one, not judged: they depend on the machine.
 */
@EnabledIfSystemProperty(named = "attack.rate", matches = "[1-9][0-9]*")
class AttacksIT {

    private static final Path FILE = Path.of("target", "attack-report.txt");
    private static final int EVENTS_A_SECOND = Integer.getInteger("attack.rate", 200);
    private static final int MEGA = 1_000_000;
    private static final int LIVE_HEAP_SLACK = 12 * MEGA;
    private static final Duration ATTACK = Duration.ofSeconds(30);
    private static final Duration NEVER = Duration.ofHours(1);
    private static final String HEAD = "POST " + BridgeSite.PATH + " HTTP/1.1\r\nHost: bridge\r\n";
    private static final EventFactory EVENTS = new EventFactory();

    private static BridgeSite site;
    private static Patient bridge;
    private final CountDownLatch nothing = new CountDownLatch(1);

    @BeforeAll
    static void start() throws Exception {
        Files.deleteIfExists(FILE);
        site = new BridgeSite().with("BRIDGE_REGISTRATION_ENABLED", false);
        site.bus().keepDetails(false);
        site.bus().checkSignatures(false);
        site.dataLake().keepRequests(false);
        bridge = new Patient(site);
        new EagerSenders(site, number -> EVENTS.validEvent().json()).run(16, 20_000, Duration.ofSeconds(20));
    }

    @AfterAll
    static void close() {
        site.close();
    }

    @AfterEach
    void calm() {
        site.dataLake().trouble().none();
        site.dataLake().releaseHanging();
    }

    private static AttackReport attack(String name, AttackRun.Attack attack) throws Exception {
        AttackReport report = new AttackRun(site, bridge, EVENTS_A_SECOND).measure(name, attack);
        tell(report.toString());
        return report;
    }

    private static void tell(String text) throws Exception {
        System.out.println(text);
        Files.writeString(FILE, text + System.lineSeparator(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Nobody but the attacker was turned away, and nothing of the attack is left. */
    private static void assertUnharmed(AttackReport report) {
        assertThat(report.honest()).allSatisfy((reply, count) -> assertThat(reply).startsWith("2"));
        assertNothingIsLeft(report);
    }

    private static void assertNothingIsLeft(AttackReport report) {
        assertThat(report.after().replies()).allSatisfy((reply, count) -> assertThat(reply).startsWith("2"));
        assertThat(report.after().liveHeapBytes()).isLessThan(report.before().liveHeapBytes() + LIVE_HEAP_SLACK);
        assertThat(report.before().balanced() && report.during().balanced() && report.after().balanced()).isTrue();
    }

    @Test
    void aThousandShortHeadersOnEachOf2500ConnectionsOfAStranger() throws Exception {
        // Given
        Strangers strangers = new Strangers(site.port(), HEAD + "X-a: b\r\n".repeat(1_000), NEVER, true);

        // When
        AttackReport report = attack("2,500 connections with 1,000 headers each, never ended",
                () -> strangers.run(2_500, ATTACK));

        // Then
        assertUnharmed(report);
        assertThat(report.attackers()).containsKey("HTTP/1.1 431");
        assertThat(report.during().liveHeapBytes()).isLessThan(report.before().liveHeapBytes() + 100 * MEGA);
        assertThat(report.after().descriptors()).isLessThan(report.before().descriptors() + 200);
    }

    @Test
    void unfinishedHeadsWithinTheLimitsOn2500ConnectionsOfAStranger() throws Exception {
        // Given
        Strangers strangers = new Strangers(site.port(), HEAD + ("X-a: " + "b".repeat(70) + "\r\n").repeat(95),
                Duration.ofSeconds(3), true);

        // When
        AttackReport report = attack("2,500 connections with a head of 7.3 KB, a byte more every 3 s, never ended",
                () -> strangers.run(2_500, ATTACK));

        // Then
        assertUnharmed(report);
        assertThat(report.attackers()).containsKey("HTTP/1.1 408");
        assertThat(report.after().descriptors()).isLessThan(report.before().descriptors() + 200);
    }

    @Test
    void bodiesAtAByteEvery20SecondsFromHoldersOfTheSecret() throws Exception {
        // Given
        Strangers senders = new Strangers(site.port(), HEAD + "X-Webhook-Secret: " + BridgeSite.WEBHOOK_SECRET
                + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", Duration.ofSeconds(20), false);

        // When
        AttackReport report = attack("1,030 bodies at a byte every 20 s from holders of the secret",
                () -> senders.run(1_030, ATTACK));

        // Then
        assertNothingIsLeft(report);
        assertThat(report.honest().keySet()).allMatch(reply -> reply.startsWith("2")
                || reply.equals("503 overloaded"));
        assertThat(report.attackers()).containsKey("HTTP/1.1 408");
        assertThat(report.after().descriptors()).isLessThan(report.before().descriptors() + 200);
    }

    @Test
    void oversizeEventsWithTheirArraysBelow190Levels() throws Exception {
        // Given
        String array = "[" + "1234567,".repeat(1_300) + "0]";
        StringBuilder arrays = new StringBuilder();
        for (int i = 0; i < 27; i++) {
            arrays.append(i == 0 ? "" : ",").append("\"a").append(i).append("\":").append(array);
        }
        String deep = "{\"a\":".repeat(190) + "{" + arrays + "}" + "}".repeat(190);
        EagerSenders attackers = new EagerSenders(site, number -> {
            String event = EVENTS.validEvent().json();
            return event.replace("\"routingContext\":{", "\"routingContext\":{\"deep\":" + deep + ",");
        });

        // When
        AttackReport report = attack("4 senders of oversize events with arrays below 190 levels",
                () -> attackers.run(4, Integer.MAX_VALUE, ATTACK));

        // Then
        assertUnharmed(report);
        assertThat(report.attackers()).containsOnlyKeys("200");
    }

    @Test
    void orderingKeysOf240Kilobytes() throws Exception {
        // Given
        String padding = "k".repeat(240_000);
        EagerSenders attackers = new EagerSenders(site,
                number -> EVENTS.validEvent().with("/routingContext/queueId", number + padding).json());

        // When
        AttackReport report = attack("events with ordering keys of 240 KB, another one each",
                () -> attackers.run(4, 4_000, ATTACK));

        // Then
        assertUnharmed(report);
        assertThat(report.attackers()).containsOnlyKeys("200");
    }

    @Test
    void aProcessThatStandsStillFor30SecondsWithEventBridgeAway() throws Exception {
        // When
        AttackReport report = attack("stopped by SIGSTOP for 30 s, with EventBridge away", () -> {
            site.bus().goAway();
            nothing.await(5, TimeUnit.SECONDS);
            signal("STOP");
            nothing.await(30, TimeUnit.SECONDS);
            signal("CONT");
            nothing.await(10, TimeUnit.SECONDS);
            site.bus().comeBack();
            return Map.of();
        });

        // Then
        assertUnharmed(report);
        assertThat(bridge.books().at("/outbox/pending").asLong(-1)).isZero();
    }

    private static void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(bridge.pid())).start().waitFor()).isZero();
    }

    /** What the project asks for: within 10 ms of a healthy data lake's, in the same run. */
    @Test
    void aHangingDataLakeAt800EventsASecondIsNotSeenByTheSender() throws Exception {
        // Given
        List<Double> healthy = new ArrayList<>();
        List<Double> hanging = new ArrayList<>();

        // When
        for (int i = 0; i < 3; i++) {
            healthy.add(p99At800());
            site.dataLake().trouble().alwaysHang();
            hanging.add(p99At800());
            calm();
        }

        // Then
        tell(String.format(Locale.ROOT, "p99 at 800/s in ms: data lake healthy %s, hanging %s", healthy, hanging));
        assertThat(median(hanging)).isLessThan(median(healthy) + 10);
    }

    private double p99At800() throws Exception {
        try (HonestSenders senders = new HonestSenders(site, 800, Integer.MAX_VALUE).start()) {
            nothing.await(8, TimeUnit.SECONDS);
            senders.latencies();
            nothing.await(15, TimeUnit.SECONDS);
            return senders.latencies().getValueAtPercentile(99) / 1e3;
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    @Test
    void idsThatCollideWhereSeenIdsAreKept() throws Exception {
        // Given
        long same = UUID.randomUUID().getMostSignificantBits();
        EagerSenders colliding = new EagerSenders(site, number -> event(collidingId(same)));
        EagerSenders usual = new EagerSenders(site, number -> event(UUID.randomUUID()));
        assertThat(collidingId(same).hashCode()).isEqualTo(collidingId(same).hashCode());
        Map<String, Long> millis = new TreeMap<>();

        // When
        millis.put("1 usual", millisOf(usual));
        millis.put("2 first colliding", millisOf(colliding));
        AttackReport report = attack("events whose ids collide in the cache of seen ids",
                () -> colliding.run(8, 40_000, ATTACK));
        millis.put("3 last colliding", millisOf(colliding));
        millis.put("4 usual again", millisOf(usual));

        // Then
        tell("ms for 5,000 events of 8 senders: " + millis);
        assertUnharmed(report);
    }

    private static long millisOf(EagerSenders senders) throws InterruptedException {
        long began = System.nanoTime();
        senders.run(8, senders.sent() + 5_000, Duration.ofMinutes(2));
        return Duration.ofNanos(System.nanoTime() - began).toMillis();
    }

    /** All of one {@code same} have one hash code. */
    private static UUID collidingId(long same) {
        long high = UUID.randomUUID().getMostSignificantBits();
        return new UUID(high, high ^ same);
    }

    private static String event(UUID id) {
        return EVENTS.validEvent().with("/id", id.toString()).json();
    }
}
