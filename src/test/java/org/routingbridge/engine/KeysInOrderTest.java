package org.routingbridge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.PutCall;
import org.routingbridge.simulator.SampleEvent;

/** With a reorder window, a key's events arrive on the bus by their timestamp, and one request of it at a time. */
class KeysInOrderTest {

    private static final Duration LATENCY = Duration.ofMillis(20);
    /** The simulator's timers count whole milliseconds. */
    private static final Duration ROUNDING = Duration.ofMillis(1);

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.ordering.window", "1s").with("bridge.ordering.policy", "off")
                .with("bridge.delivery.reply.budget", "1500ms").start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
        bridge.bus().latency(LATENCY);
    }

    private static List<SampleEvent> shuffled(int keys, int eventsOfAKey) {
        List<SampleEvent> events = new ArrayList<>();
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        for (int key = 0; key < keys; key++) {
            for (int i = 0; i < eventsOfAKey; i++) {
                events.add(bridge.newEvent().with("/routingContext/queueId", "key-" + key)
                        .with("timestamp", now.plusMillis(1 + i).toString()));
            }
        }
        Collections.shuffle(events, new Random(7));
        return events;
    }

    private static List<Integer> post(List<SampleEvent> events) {
        List<CompletableFuture<Reply>> replies = events.stream().map(event -> bridge.postAsync(event.json())).toList();
        return replies.stream().map(reply -> reply.join().status()).toList();
    }

    private static void assertSortedOnTheBus(List<SampleEvent> events) {
        Map<String, List<String>> expected = events.stream().collect(Collectors.groupingBy(SampleEvent::queueId,
                Collectors.mapping(SampleEvent::timestamp, Collectors.collectingAndThen(Collectors.toList(),
                        times -> times.stream().map(Instant::parse).sorted().map(Instant::toString).toList()))));
        Map<String, String> keys = events.stream().collect(Collectors.toMap(SampleEvent::id, SampleEvent::queueId));
        Map<String, List<String>> onTheBus = new HashMap<>();
        bridge.bus().delivered().forEach(entry -> onTheBus
                .computeIfAbsent(keys.get(Details.of(entry).path("id").asText()), key -> new ArrayList<>())
                .add(entry.time().toString()));
        assertThat(onTheBus).isEqualTo(expected);
    }

    /** Every answer takes the latency, so that a call is in flight for at least that long. */
    private static void assertOneRequestOfAKeyAtATime(List<SampleEvent> events) {
        Map<String, String> keys = events.stream().collect(Collectors.toMap(SampleEvent::id, SampleEvent::queueId));
        Map<String, Long> answered = new HashMap<>();
        for (PutCall call : bridge.bus().calls()) {
            List<String> keysOfCall = call.eventIds().stream().map(keys::get).toList();
            assertThat(keysOfCall).doesNotHaveDuplicates();
            for (String key : keysOfCall) {
                assertThat(call.nanoTime()).as(key).isGreaterThanOrEqualTo(answered.getOrDefault(key, Long.MIN_VALUE));
                answered.put(key, call.nanoTime() + LATENCY.minus(ROUNDING).toNanos());
            }
        }
    }

    @Test
    void shuffledEventsOfThreeKeysArriveSorted() {
        // Given
        List<SampleEvent> events = shuffled(3, 20);

        // When
        List<Integer> statuses = post(events);

        // Then
        assertThat(statuses).containsOnly(200);
        assertSortedOnTheBus(events);
        assertOneRequestOfAKeyAtATime(events);
    }

    @Test
    void anEventThatIsTriedAgainHoldsBackWhatComesAfterIt() {
        // Given
        List<SampleEvent> events = shuffled(3, 8);
        SampleEvent throttled = events.get(5);
        bridge.bus().faults().forEventId(throttled.id(), 1, Fault.THROTTLE_ENTRY);

        // When
        List<Integer> statuses = post(events);

        // Then
        assertThat(statuses).containsOnly(200);
        assertThat(bridge.bus().calls()).filteredOn(call -> call.eventIds().contains(throttled.id())).hasSize(2);
        assertSortedOnTheBus(events);
        assertOneRequestOfAKeyAtATime(events);
    }

    @Test
    void aKeyWhoseRequestIsStillOpenSendsNoOtherEvenAfterTheReply() {
        // Given
        List<SampleEvent> events = shuffled(1, 2);
        SampleEvent first = events.stream().min(Comparator.comparing(SampleEvent::timestamp)).orElseThrow();
        bridge.bus().faults().forEventId(first.id(), 1, Fault.HANG);

        // When
        List<Integer> statuses = post(events);

        // Then
        assertThat(statuses).containsOnly(202);
        await().during(500, TimeUnit.MILLISECONDS).atMost(1, TimeUnit.SECONDS).untilAsserted(() ->
                assertThat(bridge.bus().calls()).as("calls while the first one hangs").hasSize(1));
        bridge.bus().releaseHanging();
        await().atMost(20, TimeUnit.SECONDS).until(() -> bridge.bus().deliveredCount() == 2);
        assertSortedOnTheBus(events);
    }
}
