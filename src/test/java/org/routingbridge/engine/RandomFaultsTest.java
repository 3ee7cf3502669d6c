package org.routingbridge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.PutCall;
import org.routingbridge.simulator.SampleEvent;

/**
 * Many events on a bus that throttles and fails by chance: what was taken is there once, at once or by the outbox, and
 * what is a dead letter is not. The long form is {@code -Dengine.faults.events=10000}; the short one still has two
 * hundred events of each number of attempts, dozens in the outbox, some dead letters, and more senders than EventBridge
 * is called at a time; what takes rarer coincidences is left to the long form.
 */
class RandomFaultsTest {

    private static final int EVENTS = Integer.getInteger("engine.faults.events", 1_000);
    private static final int SENDERS = 400;

    @Test
    @Timeout(180)
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
            Duration answered = Duration.ofNanos(System.nanoTime() - began);
            Map<String, Integer> attempts = attempts(bridge.bus().calls());
            Map<String, Long> outcomes = Load.outcomes(answers);
            Load.print("%d events, 20 %% throttled, 5 %% failed: %s in %d ms, %d calls, %d attempts", EVENTS, outcomes,
                    answered.toMillis(), bridge.bus().calls().size(),
                    attempts.values().stream().mapToInt(Integer::intValue).sum());
            await().atMost(60, TimeUnit.SECONDS).until(() -> bridge.metric("bridge_outbox_depth") == 0);
            Load.print("the outbox is empty after %d ms", Duration.ofNanos(System.nanoTime() - began).toMillis());
            assertThat(answers).hasSize(EVENTS);
            assertThat(outcomes).containsOnlyKeys("200 processed", "202 queued", "202 dead_lettered");
            Map<String, Integer> allAttempts = attempts(bridge.bus().calls());
            for (Load.Answer answer : answers) {
                String id = events.get(answer.number()).id();
                int most = 1 + answer.number() % 5;
                int onTheBus = bridge.bus().timesDelivered(id);
                switch (answer.outcome()) {
                    case "200 processed" -> {
                        assertThat(onTheBus).as(id).isEqualTo(1);
                        assertThat(allAttempts.get(id)).as(id).isBetween(1, most);
                    }
                    case "202 queued" -> {
                        assertThat(onTheBus).as(id).isEqualTo(1);
                        assertThat(allAttempts.get(id)).as(id).isGreaterThan(most);
                    }
                    default -> {
                        assertThat(onTheBus).as(id).isZero();
                        assertThat(allAttempts.get(id)).as(id).isEqualTo(most);
                    }
                }
            }
        }
    }

    private static Map<String, Integer> attempts(List<PutCall> calls) {
        Map<String, Integer> attempts = new HashMap<>();
        calls.forEach(call -> call.eventIds().forEach(id -> attempts.merge(id, 1, Integer::sum)));
        return attempts;
    }
}
