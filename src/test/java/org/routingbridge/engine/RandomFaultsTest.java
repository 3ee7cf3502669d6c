package org.routingbridge.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.PutCall;
import org.routingbridge.simulator.SampleEvent;

/** Ten thousand events on a bus that throttles and fails by chance: each is there once, or known not to be. */
class RandomFaultsTest {

    private static final int EVENTS = 10_000;
    private static final int SENDERS = 400;

    @Test
    @Timeout(90)
    void everyAnswerIsTrueAndNoDirectiveIsOverdrawn() {
        try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.delivery.reply.budget", "60s")
                .without("bridge.datalake.url").start()) {
            // Given
            bridge.bus().keepDetails(false);
            bridge.bus().faults().random(20, Map.of(Fault.THROTTLE_ENTRY, 0.20, Fault.INTERNAL_FAILURE_ENTRY, 0.05));
            List<SampleEvent> events = IntStream.range(0, EVENTS)
                    .mapToObj(i -> bridge.newEvent().with("/retryDirective/maxAttempts", 1 + i % 5)).toList();
            long began = System.nanoTime();

            // When
            List<Load.Answer> answers = new Load(bridge).closed(SENDERS, EVENTS, i -> events.get(i).json());

            // Then
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            Map<String, Integer> attempts = attempts(bridge.bus().calls());
            Map<Integer, Long> byStatus = answers.stream()
                    .collect(Collectors.groupingBy(Load.Answer::status, Collectors.counting()));
            Load.print("10,000 events, 20 %% throttled, 5 %% failed: %s in %d ms, %d calls, %d attempts", byStatus,
                    took.toMillis(), bridge.bus().calls().size(), attempts.values().stream().mapToInt(i -> i).sum());
            assertThat(answers).hasSize(EVENTS);
            assertThat(byStatus).containsOnlyKeys(200, 503);
            for (Load.Answer answer : answers) {
                SampleEvent event = events.get(answer.number());
                int most = 1 + answer.number() % 5;
                assertThat(bridge.bus().timesDelivered(event.id())).as(event.id())
                        .isEqualTo(answer.status() == 200 ? 1 : 0);
                if (answer.status() == 200) {
                    assertThat(attempts.get(event.id())).as(event.id()).isBetween(1, most);
                } else {
                    assertThat(attempts.get(event.id())).as(event.id()).isEqualTo(most);
                }
            }
            assertThat(bridge.bus().deliveredCount()).isEqualTo(byStatus.get(200).intValue());
            assertThat(took).isLessThan(Duration.ofSeconds(60));
        }
    }

    private static Map<String, Integer> attempts(List<PutCall> calls) {
        Map<String, Integer> attempts = new HashMap<>();
        calls.forEach(call -> call.eventIds().forEach(id -> attempts.merge(id, 1, Integer::sum)));
        return attempts;
    }
}
