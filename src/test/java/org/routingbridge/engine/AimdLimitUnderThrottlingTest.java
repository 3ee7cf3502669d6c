package org.routingbridge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.Fault;

/** While EventBridge throttles, the bridge calls it less at once, and comes back by itself. */
class AimdLimitUnderThrottlingTest {

    private static final String SENDERS = "bridge_eventbridge_senders";
    private static final int CONCURRENCY = 4;

    @Test
    void throttlingHalvesTheSendersAndCalmBringsThemBack() {
        try (BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.eventbridge.concurrency", CONCURRENCY)
                .start()) {
            // Given
            bridge.bus().latency(Duration.ofMillis(50));
            assertThat(bridge.metric(SENDERS)).isEqualTo(CONCURRENCY);

            // When
            double once = afterThrottling(bridge, Fault.THROTTLE_ENTRY, CONCURRENCY);
            double twice = afterThrottling(bridge, Fault.THROTTLE_REQUEST, once);
            long throttled = System.nanoTime();
            bridge.bus().clear();
            new Load(bridge).closed(32, 64, i -> bridge.newEvent().json());
            int atOnce = bridge.bus().maxConcurrentCalls();
            double afterLoad = bridge.metric(SENDERS);

            // Then
            assertThat(once).isLessThan(CONCURRENCY);
            assertThat(twice).isLessThan(once);
            assertThat(atOnce).isLessThanOrEqualTo((int) afterLoad);
            await().atMost(10, TimeUnit.SECONDS).until(() -> bridge.metric(SENDERS) == CONCURRENCY);
            assertThat(Duration.ofNanos(System.nanoTime() - throttled)).isGreaterThan(Duration.ofMillis(1500));
        }
    }

    /** What the AIMD limit allows once a call has been throttled; the throttled event is on the bus by then. */
    private static double afterThrottling(BridgeUnderTest bridge, Fault fault, double before) {
        bridge.bus().faults().next(fault);
        bridge.post(bridge.newEvent().with("/retryDirective/maxAttempts", 1));
        double allowed = await().atMost(10, TimeUnit.SECONDS)
                .until(() -> bridge.metric(SENDERS), senders -> senders < before);
        await().atMost(10, TimeUnit.SECONDS).until(() -> bridge.pending() == 0);
        return allowed;
    }
}
