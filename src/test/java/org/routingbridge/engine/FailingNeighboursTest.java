package org.routingbridge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/**
 * An event of the outbox that EventBridge refuses for a while holds back its own key, and nobody else. The long form is
 * {@code -Dengine.neighbours.seconds=8 -Dengine.neighbours.waiting=3000}; the short one still has 30 refused events at
 * a time that wait for seconds, where the others' p99 may be one, and more of an outage's events than go out in one
 * round.
 */
class FailingNeighboursTest {

    private static final int PER_SECOND = 200;
    private static final Duration HOW_LONG = Duration.ofSeconds(Integer.getInteger("engine.neighbours.seconds", 3));
    private static final int ONE_IN = 20;
    private static final int WAITING = Integer.getInteger("engine.neighbours.waiting", 1_000);

    private static boolean fails(int number) {
        return number % ONE_IN == 0;
    }

    private static List<SampleEvent> events(BridgeUnderTest bridge, int many) {
        return IntStream.range(0, many).mapToObj(number -> bridge.newEvent()
                .with("/routingContext/queueId", "queue-" + number).with("/retryDirective/backoffMs", 1000)).toList();
    }

    private static Map<String, Instant> onTheBus(BridgeUnderTest bridge) {
        Map<String, Instant> times = new HashMap<>();
        bridge.bus().delivered().forEach(entry -> times.put(Details.of(entry).path("id").asText(), entry.at()));
        return times;
    }

    @Test
    @Timeout(120)
    void theOthersAreOnTheBusWithinASecond() {
        try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.delivery.mode", "queued").start()) {
            // Given
            List<SampleEvent> others = events(bridge, WAITING);
            new Load(bridge).closed(64, WAITING, i -> others.get(i).json());
            await().atMost(Duration.ofSeconds(60)).until(() -> bridge.pending() == 0);
            bridge.bus().clear();
            List<SampleEvent> events = events(bridge, (int) (PER_SECOND * HOW_LONG.toSeconds()));
            IntStream.range(0, events.size()).filter(FailingNeighboursTest::fails).forEach(number ->
                    bridge.bus().faults().forEventId(events.get(number).id(), 4, Fault.THROTTLE_ENTRY));

            // When
            List<Load.Answer> answers = new Load(bridge).open(PER_SECOND, HOW_LONG, i -> events.get(i).json());

            // Then
            assertThat(Load.outcomes(answers)).isEqualTo(Map.of("202 queued", (long) events.size()));
            await().atMost(Duration.ofSeconds(60)).until(() -> bridge.pending() == 0);
            Map<String, Instant> times = onTheBus(bridge);
            long[] waited = answers.stream().filter(answer -> !fails(answer.number()))
                    .mapToLong(answer -> Duration.between(answer.at(), times.get(events.get(answer.number()).id()))
                            .toNanos()).toArray();
            Load.print("%d/s queued, 5 %% refused for a while: the others are on the bus %.0f ms (p50), %.0f ms (p99)"
                    + " after their reply", PER_SECOND, Load.millis(Load.percentile(waited, 0.5)),
                    Load.millis(Load.percentile(waited, 0.99)));
            assertThat(times).hasSize(events.size());
            assertThat(Load.percentile(waited, 0.99)).isLessThan(Duration.ofSeconds(1).toNanos());
        }
    }

    @Test
    @Timeout(120)
    void afterAnOutageAThrottledOneHoldsBackNobody() {
        try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.outbox.retry.max.delay", "15s").start()) {
            // Given
            List<SampleEvent> events = events(bridge, WAITING);
            bridge.bus().goAway();
            List<Load.Answer> answers = new Load(bridge).closed(64, WAITING, i -> events.get(i).json());
            assertThat(Load.outcomes(answers)).isEqualTo(Map.of("202 queued", (long) WAITING));
            IntStream.range(0, WAITING).filter(FailingNeighboursTest::fails).forEach(number ->
                    bridge.bus().faults().forEventId(events.get(number).id(), 1, Fault.THROTTLE_ENTRY));

            // When
            Instant back = Instant.now();
            bridge.bus().comeBack();
            await().atMost(Duration.ofSeconds(90)).until(() -> bridge.pending() == 0);

            // Then
            Duration empty = Duration.between(back, Instant.now());
            Map<String, Instant> times = onTheBus(bridge);
            long[] innocent = IntStream.range(0, WAITING).filter(number -> !fails(number)).mapToLong(number ->
                    Duration.between(back, times.get(events.get(number).id())).toNanos()).toArray();
            Load.print("%d after an outage, 5 %% throttled once: empty %d ms after the return, the first on the bus"
                    + " after %.0f ms, the last of the others after %.0f ms", WAITING, empty.toMillis(),
                    Load.millis(Load.percentile(innocent, 0)), Load.millis(Load.percentile(innocent, 1)));
            assertThat(times).hasSize(WAITING);
            assertThat(empty).isLessThan(Duration.ofSeconds(45));
        }
    }
}
