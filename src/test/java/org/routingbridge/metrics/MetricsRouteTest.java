package org.routingbridge.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** What the metrics say of what happened (contract, section 8). */
class MetricsRouteTest {

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
    }

    private static void assertGrew(String sample, double before, int by) {
        await().untilAsserted(() -> assertThat(bridge.metric(sample)).as(sample).isEqualTo(before + by));
    }

    private static String errors(String code) {
        return "bridge_publish_errors_total{code=\"" + code + "\"}";
    }

    private static String dead(String reason) {
        return "bridge_dead_lettered_total{reason=\"" + reason + "\"}";
    }

    @Test
    void whatIsKnownIsCountedFromZero() {
        // When
        String metrics = bridge.metrics();

        // Then
        assertThat(List.of("bridge_publish_attempts_total{result=\"success\"}",
                "bridge_publish_attempts_total{result=\"failure\"}", errors("ThrottlingException"),
                errors("Timeout"), errors("other"), dead("too_old"),
                dead("damaged"), dead("datalake"), dead("other"),
                "bridge_audit_unwritten_total", "bridge_books_balanced"))
                .allSatisfy(sample -> assertThat(metrics).contains("\n" + sample + " "));
    }

    @Test
    void failedAttemptsAndDeadLettersAreCountedByWhatEventBridgeSaid() {
        // Given
        String throttled = errors("ThrottlingException");
        String refused = errors("MalformedDetail");
        String dead = dead("MalformedDetail");
        List<Double> before = List.of(bridge.metric(throttled), bridge.metric(refused), bridge.metric(dead));
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().forEventId(event.id(), 1, Fault.THROTTLE_ENTRY).forEventId(event.id(), 1,
                Fault.MALFORMED_ENTRY);

        // When
        assertThat(bridge.post(event).outcome()).isEqualTo("202 dead_lettered");

        // Then
        assertGrew(throttled, before.get(0), 1);
        assertGrew(refused, before.get(1), 1);
        assertGrew(dead, before.get(2), 1);
    }

    @Test
    void aRefusedNotificationIsADeadLetterOfTheDataLake() {
        // Given
        double before = bridge.metric(dead("datalake"));
        bridge.dataLake().trouble().next(1, 404);

        // When
        bridge.post(bridge.newEvent());

        // Then
        assertGrew(dead("datalake"), before, 1);
    }

    @Test
    void theOutboxShowsItsAgeAndHowMuchItHolds() {
        // Given
        assertThat(bridge.metric("bridge_outbox_oldest_seconds")).isZero();
        double bytes = bridge.metric("bridge_outbox_bytes");
        bridge.bus().goAway();

        // When
        SampleEvent event = bridge.newEvent();
        assertThat(bridge.post(event).outcome()).isEqualTo("202 queued");

        // Then
        await().until(() -> bridge.metric("bridge_outbox_oldest_seconds") > 0);
        assertThat(bridge.metric("bridge_outbox_bytes")).isGreaterThan(bytes + event.json().length());
        assertThat(bridge.metric("bridge_outbox_capacity_bytes")).isEqualTo(1_073_741_824);
        bridge.bus().comeBack();
        await().until(() -> bridge.metric("bridge_outbox_depth") == 0);
        assertThat(bridge.metric("bridge_outbox_oldest_seconds")).isZero();
    }

    @Test
    void whereRegistrationIsOffThereIsNothingToBeAlarmedBy() {
        assertThat(bridge.metrics()).doesNotContain("bridge_registration_ok", "bridge_token_expiry_seconds");
    }
}
