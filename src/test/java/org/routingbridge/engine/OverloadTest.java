package org.routingbridge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;

/**
 * Twice as many events as EventBridge takes. The long form is {@code -Dengine.overload.seconds=30}. The short one still
 * lasts longer than the reply budget, so that whatever piles up in front of EventBridge would be answered late; what
 * grows by less than 16 MB in its time, only the long form finds.
 */
class OverloadTest {

    private static final Duration BUDGET = Duration.ofSeconds(2);
    private static final int SECONDS = Integer.getInteger("engine.overload.seconds", 3);
    private static final int WARM_UP_SECONDS = Math.min(2, SECONDS / 3);
    private static final long SOME_MEGABYTES = 16L * 1024 * 1024;

    /** What came of it; latencies in nanoseconds. */
    private record Outcome(Map<String, Long> outcomes, long[] accepted, long heapGrowth) {

        long p99() {
            return Load.percentile(accepted, 0.99);
        }
    }

    /** The bus takes ten entries for each of so many calls in each latency. */
    private static Outcome overload(int concurrency, int latencyMillis, int maxInflight) {
        int capacity = concurrency * 10 * 1000 / latencyMillis;
        try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.eventbridge.concurrency", concurrency)
                .with("bridge.webhook.max.inflight", maxInflight)
                .with("bridge.delivery.reply.budget", BUDGET.toSeconds() + "s")
                .without("bridge.datalake.url").start()) {
            bridge.bus().keepDetails(false);
            List<String> bodies = IntStream.range(0, 2 * capacity * (SECONDS + WARM_UP_SECONDS))
                    .mapToObj(i -> bridge.newEvent().json()).toList();
            new Load(bridge).closed(64, 1000, i -> bridge.newEvent().json());
            bridge.bus().latency(Duration.ofMillis(latencyMillis));
            int warmUp = new Load(bridge).open(2 * capacity, Duration.ofSeconds(WARM_UP_SECONDS), bodies::get).size();
            awaitEmptyOutbox(bridge);
            bridge.bus().clear();
            long before = Load.heapAfterGc();
            List<Load.Answer> answers = new Load(bridge).open(2 * capacity, Duration.ofSeconds(SECONDS),
                    i -> bodies.get(warmUp + i));
            Map<String, Long> outcomes = Load.outcomes(answers);
            long[] accepted = Load.nanos(answers, "200 processed");
            long[] refused = Load.nanos(answers, "503 overloaded");
            awaitEmptyOutbox(bridge);
            long taken = outcomes.getOrDefault("200 processed", 0L) + outcomes.getOrDefault("202 queued", 0L);
            assertThat(bridge.bus().deliveredCount()).isEqualTo((int) taken);
            bridge.bus().clear();
            Outcome outcome = new Outcome(outcomes, accepted, heapGrowth(before, answers));
            Load.print("%d/s on %d/s for %d s: %s; 200s median %.0f ms, p99 %.0f ms; 503s median %.0f ms;"
                            + " heap %+.1f MB",
                    2 * capacity, capacity, SECONDS, outcomes, Load.millis(Load.percentile(accepted, 0.5)),
                    Load.millis(outcome.p99()), Load.millis(Load.percentile(refused, 0.5)),
                    outcome.heapGrowth / 1048576.0);
            return outcome;
        }
    }

    private static void awaitEmptyOutbox(BridgeUnderTest bridge) {
        await().atMost(60, TimeUnit.SECONDS).until(() -> bridge.metric("bridge_outbox_depth") == 0);
    }

    /** Less what the test itself remembers. */
    private static long heapGrowth(long before, List<Load.Answer> answers) {
        int bytesOfAnAnswer = 32;
        return Load.heapAfterGc() - before - (long) answers.size() * bytesOfAnAnswer;
    }

    @Test
    void overloadIsAnsweredInTimeAndLeavesNothingBehind() {
        // When
        Outcome outcome = overload(8, 400, 200);

        // Then
        assertThat(outcome.outcomes).containsOnlyKeys("200 processed", "503 overloaded");
        assertThat(outcome.p99()).isLessThan(BUDGET.toNanos());
        assertThat(outcome.heapGrowth).isLessThan(SOME_MEGABYTES);
    }

    @Test
    void aBusTooSlowForTheBudgetLeavesTheRestToTheOutbox() {
        // When
        Outcome outcome = overload(2, 160, 1024);

        // Then
        assertThat(outcome.outcomes.keySet()).isSubsetOf("200 processed", "202 queued", "503 overloaded");
        assertThat(outcome.p99()).isLessThan(BUDGET.plusMillis(250).toNanos());
        assertThat(outcome.heapGrowth).isLessThan(SOME_MEGABYTES);
    }
}
