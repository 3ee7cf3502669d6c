package org.routingbridge.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.EventBridgeSimulator;
import org.routingbridge.simulator.PutCall;
import org.routingbridge.simulator.SampleEvent;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;

/** Batches fill under load, and cost nothing to who sends alone. */
class BatchesTest {

    /** So many that events wait whenever a call ends, however fast the senders are, which share the bridge's cores. */
    private static final int MANY = 192;
    private static final int SOME = 64;
    private static final int CONCURRENCY = 4;
    private static final int LIMIT = 262_144;
    private static final int WARM_UP = 2_000;
    private static final double NEARLY_FULL = 9;
    private static final Duration LATENCY = Duration.ofMillis(100);

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.eventbridge.concurrency", CONCURRENCY)
                .without("bridge.datalake.url").start();
        List<String> bodies = bodies(WARM_UP, "");
        new Load(bridge).closed(MANY, WARM_UP, bodies::get);
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
    }

    /** Made beforehand, since the senders share their two cores with the bridge. */
    private static List<String> bodies(int events, String padding) {
        return IntStream.range(0, events)
                .mapToObj(i -> bridge.newEvent().with("/routingContext/note", padding).json()).toList();
    }

    private static List<PutCall> callsUnderLoad(int senders, int events, String padding) {
        List<String> bodies = bodies(events, padding);
        bridge.bus().latency(LATENCY);
        List<Load.Answer> answers = new Load(bridge).closed(senders, events, bodies::get);
        assertThat(Load.outcomes(answers)).isEqualTo(Map.of("200 processed", (long) events));
        return bridge.bus().calls();
    }

    @Test
    void requestsAreFullWhileEventsWait() {
        // When
        List<PutCall> calls = callsUnderLoad(MANY, 1_200, "");

        // Then
        assertThat(calls).allSatisfy(call -> {
            assertThat(call.entries()).isBetween(1, 10);
            assertThat(call.bytes()).isLessThanOrEqualTo(LIMIT);
        });
        assertThat(bridge.bus().maxConcurrentCalls()).isLessThanOrEqualTo(CONCURRENCY);
        assertThat(print(calls)).isGreaterThanOrEqualTo(NEARLY_FULL);
    }

    private static double print(List<PutCall> calls) {
        double mean = calls.stream().mapToInt(PutCall::entries).average().orElse(0);
        Load.print("192 senders, 100 ms latency, concurrency 4: %d calls, %.2f entries a call, at most %d, %d bytes,"
                        + " %d at once",
                calls.size(), mean, calls.stream().mapToInt(PutCall::entries).max().orElse(0),
                calls.stream().mapToLong(PutCall::bytes).max().orElse(0), bridge.bus().maxConcurrentCalls());
        return mean;
    }

    @Test
    void largeEventsShareARequestOnlyUpToTheLimit() {
        // When
        List<PutCall> calls = callsUnderLoad(SOME, 300, "x".repeat(60_000));

        // Then
        assertThat(calls).allSatisfy(call -> assertThat(call.bytes()).isLessThanOrEqualTo(LIMIT));
        assertThat(calls.stream().mapToInt(PutCall::entries).max().orElse(0)).isEqualTo(4);
    }

    @Test
    void whoSendsAloneIsNotMadeToWait() {
        // Given
        int rounds = 200;
        long[] direct = new long[rounds];
        long[] bridged = new long[rounds];
        try (EventBridgeClient client = directClient()) {
            for (int i = -rounds; i < rounds; i++) {
                SampleEvent event = bridge.newEvent();

                // When
                long first = System.nanoTime();
                client.putEvents(request -> request.entries(PutEventsRequestEntry.builder()
                        .eventBusName(BridgeUnderTest.BUS).source("direct").detailType(event.eventType())
                        .detail(event.json()).build()));
                long second = System.nanoTime();
                int status = bridge.post(event).status();
                long third = System.nanoTime();

                assertThat(status).isEqualTo(200);
                if (i >= 0) {
                    direct[i] = second - first;
                    bridged[i] = third - second;
                }
            }
        }

        // Then
        double directly = Load.millis(Load.percentile(direct, 0.5));
        double throughTheBridge = Load.millis(Load.percentile(bridged, 0.5));
        Load.print("alone: median %.2f ms by the SDK, %.2f ms by the bridge's webhook, %.2f ms more", directly,
                throughTheBridge, throughTheBridge - directly);
        assertThat(bridge.bus().calls()).allSatisfy(call -> assertThat(call.entries()).isEqualTo(1));
        assertThat(throughTheBridge - directly).isLessThan(5);
    }

    private static EventBridgeClient directClient() {
        return EventBridgeClient.builder()
                .region(Region.EU_CENTRAL_1)
                .endpointOverride(URI.create(bridge.bus().endpoint().toString()))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(
                        EventBridgeSimulator.ACCESS_KEY_ID, EventBridgeSimulator.SECRET_ACCESS_KEY)))
                .httpClientBuilder(ApacheHttpClient.builder())
                .build();
    }
}
