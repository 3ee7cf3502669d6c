package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;
import org.routingbridge.store.PostgresForTests;

/** Two bridges as processes on one PostgreSQL, of which one is killed (contract, section 10). */
@Tag("under-load")
class OneOfTwoBridgesDiesIT {

    private static final Duration CLAIMS_ARE_FREE = Duration.ofSeconds(15);
    /** For this long after its death it counts as alive, whenever its last sign of life was. */
    private static final Duration SURELY_ALIVE = Duration.ofSeconds(1);

    private final EventFactory events = new EventFactory();
    private final BridgeSite site = new BridgeSite();
    private final BridgeSite otherSite = new BridgeSite();

    @AfterEach
    void close() {
        site.close();
        otherSite.close();
    }

    @Test
    void whatItHadInFlightAndWhatWaitedIsTakenUpByTheOther() throws Exception {
        // Given
        String url = PostgresForTests.url();
        BridgeJvm one = site.with("BRIDGE_STORE_URL", url).with("BRIDGE_REGISTRATION_PERIOD", "1s").start();
        otherSite.with("BRIDGE_STORE_URL", url).with("AWS_ENDPOINT_URL_EVENTBRIDGE", site.bus().endpoint())
                .with("CXONE_BASE_URL", site.cxone().endpoint()).with("CXONE_CLIENT_ID", site.cxone().clientId())
                .with("BRIDGE_REGISTRATION_PERIOD", "1s").start().awaitReady();
        one.awaitReady();
        SampleEvent waiting = events.validEvent(events.newId(), "queue-that-waits", Instant.now());
        site.bus().faults().forEventId(waiting.id(), 1000, Fault.THROTTLE_ENTRY);
        assertThat(site.post(BridgeSite.PATH, waiting.json()).statusCode()).isEqualTo(202);
        SampleEvent inFlight = events.validEvent(events.newId(), "queue-in-flight", Instant.now());
        site.bus().faults().forEventId(inFlight.id(), 1, Fault.HANG);

        // When
        Thread sender = new Thread(() -> {
            try {
                site.post(BridgeSite.PATH, inFlight.json());
            } catch (IOException | InterruptedException e) {
                // its bridge is killed
            }
        });
        sender.start();
        await().atMost(Duration.ofSeconds(10)).until(() -> site.manage("/observe/metrics").body().lines()
                .anyMatch(line -> line.startsWith("bridge_inflight 1")));
        one.kill();
        site.bus().faults().none();
        long killed = System.nanoTime();

        // Then
        // which the first try outlasts where it was silent before it died
        int first = otherSite.post(BridgeSite.PATH, inFlight.json()).statusCode();
        boolean early = System.nanoTime() - killed < SURELY_ALIVE.toNanos();
        assertThat(first).satisfiesAnyOf(status -> assertThat(status).isEqualTo(503),
                status -> assertThat(early).isFalse());
        await().atMost(CLAIMS_ARE_FREE)
                .until(() -> otherSite.post(BridgeSite.PATH, inFlight.json()).statusCode() < 300);
        assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(CLAIMS_ARE_FREE);
        await().atMost(CLAIMS_ARE_FREE.multipliedBy(2)).until(() -> site.bus().timesDelivered(waiting.id()) == 1);
        assertThat(site.bus().timesDelivered(inFlight.id())).isEqualTo(1);
        assertThat(otherSite.manage("/ops/accounting").body()).contains("\"balanced\":true", "\"bridges\":[");
    }
}
