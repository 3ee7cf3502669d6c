package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.DeliveredEntry;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** With OpenTelemetry set up, as by its agent: a span for each request and for each attempt to publish. */
class SpansRouteTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";
    private static final InMemorySpanExporter SPANS = InMemorySpanExporter.create();
    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        GlobalOpenTelemetry.resetForTest();
        GlobalOpenTelemetry.set(OpenTelemetrySdk.builder().setTracerProvider(
                SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(SPANS)).build()).build());
        bridge = new BridgeUnderTest().start();
    }

    @AfterAll
    static void close() {
        bridge.close();
        GlobalOpenTelemetry.resetForTest();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
        SPANS.reset();
    }

    private static Reply post(SampleEvent event, String traceparent) {
        return bridge.send(bridge.request().header("traceparent", traceparent)
                .POST(BodyPublishers.ofString(event.json())));
    }

    /** Once there are as many. */
    private static List<SpanData> spans(SpanKind kind, int count) {
        await().until(() -> SPANS.getFinishedSpanItems().stream().filter(span -> span.getKind() == kind).count()
                == count);
        return SPANS.getFinishedSpanItems().stream().filter(span -> span.getKind() == kind).toList();
    }

    private static String traceHeader(SpanData span, int sampled) {
        return "Root=1-" + span.getTraceId().substring(0, 8) + "-" + span.getTraceId().substring(8) + ";Parent="
                + span.getSpanId() + ";Sampled=" + sampled;
    }

    @Test
    void theRequestsSpanIsTheSendersChildAndTheAttemptsIsItsAndTheTraceHeadersParent() {
        // Given
        SampleEvent event = bridge.newEvent();

        // When
        Reply reply = post(event, "00-" + TRACE + "-" + PARENT + "-01");

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        SpanData request = spans(SpanKind.SERVER, 1).get(0);
        assertThat(request.getTraceId()).isEqualTo(TRACE);
        assertThat(request.getParentSpanId()).isEqualTo(PARENT);
        assertThat(request.getName()).isEqualTo("POST /webhook/routing-events");
        assertThat(request.getAttributes().get(AttributeKey.longKey("http.response.status_code"))).isEqualTo(200);
        assertThat(request.getAttributes().get(AttributeKey.stringKey("bridge.outcome"))).isEqualTo("processed");
        SpanData attempt = spans(SpanKind.PRODUCER, 1).get(0);
        assertThat(attempt.getTraceId()).isEqualTo(TRACE);
        assertThat(attempt.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(attempt.getAttributes().get(AttributeKey.stringKey("messaging.message.id"))).isEqualTo(event.id());
        assertThat(bridge.bus().delivered()).extracting(DeliveredEntry::traceHeader)
                .containsExactly(traceHeader(attempt, 1));
    }

    @Test
    void withoutASendersTraceARequestBeginsOne() {
        // When
        bridge.post(bridge.newEvent());

        // Then
        SpanData attempt = spans(SpanKind.PRODUCER, 1).get(0);
        assertThat(spans(SpanKind.SERVER, 1).get(0).getParentSpanContext().isValid()).isFalse();
        assertThat(bridge.bus().delivered()).extracting(DeliveredEntry::traceHeader)
                .containsExactly(traceHeader(attempt, 1));
    }

    @Test
    void eachAttemptHasItsSpanAndThoseFromTheOutboxTheSameParent() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().forEventId(event.id(), 2, Fault.THROTTLE_ENTRY);

        // When
        Reply reply = post(event, "00-" + TRACE + "-" + PARENT + "-01");

        // Then
        assertThat(reply.outcome()).isEqualTo("202 queued");
        SpanData request = spans(SpanKind.SERVER, 1).get(0);
        List<SpanData> attempts = spans(SpanKind.PRODUCER, 3);
        Set<String> ids = new HashSet<>(attempts.stream().map(SpanData::getSpanId).toList());
        assertThat(ids).hasSize(3);
        assertThat(attempts).extracting(SpanData::getParentSpanId).containsOnly(request.getSpanId());
        assertThat(attempts).extracting(span -> span.getStatus().getStatusCode())
                .containsExactly(StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET);
        assertThat(attempts.get(0).getAttributes().get(AttributeKey.stringKey("error.type"))).isEqualTo("throttled");
        await().until(() -> bridge.pending() == 0);
        assertThat(bridge.bus().delivered()).extracting(DeliveredEntry::traceHeader)
                .containsExactly(traceHeader(attempts.get(2), 1));
    }

    @Test
    void whatTheSenderDoesNotRecordIsNotRecorded() {
        // When
        Reply reply = post(bridge.newEvent(), "00-" + TRACE + "-" + PARENT + "-00");

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        assertThat(bridge.bus().delivered()).singleElement().satisfies(entry ->
                assertThat(entry.traceHeader()).startsWith("Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=")
                        .endsWith(";Sampled=0"));
        bridge.post(bridge.newEvent());
        spans(SpanKind.PRODUCER, 1);
        assertThat(SPANS.getFinishedSpanItems()).noneMatch(span -> span.getTraceId().equals(TRACE));
    }

    @Test
    void aRefusedRequestHasASpanAndAStrangersNone() {
        // When
        bridge.send(bridge.request().setHeader("X-Webhook-Secret", "a-stranger-who-guesses").POST(
                BodyPublishers.ofString("{}")));
        bridge.post("{}");

        // Then
        assertThat(spans(SpanKind.SERVER, 1).get(0).getAttributes().get(AttributeKey.stringKey("bridge.outcome")))
                .isEqualTo("schema_violation");
        assertThat(spans(SpanKind.PRODUCER, 0)).isEmpty();
    }
}
