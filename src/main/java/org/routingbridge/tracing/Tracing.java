package org.routingbridge.tracing;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.TraceContext;

/**
 * The bridge's spans: one for a request, and one for each attempt to publish its event. Off unless OpenTelemetry's own
 * {@code OTEL_JAVA_GLOBAL_AUTOCONFIGURE_ENABLED} says {@code true}, when its {@code OTEL_} variables say where spans
 * go, or an agent has set OpenTelemetry up; while it is off a span is one object that does nothing.
 *
 * @see <a href="https://opentelemetry.io/docs/languages/java/configuration/">OpenTelemetry: configure the SDK</a>
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/">OpenTelemetry: semantic
 *      conventions for messaging spans</a>
 */
public final class Tracing implements AutoCloseable {

    private static final String NAME = "cxone-routing-bridge";
    private static final String SWITCH = "otel.java.global-autoconfigure.enabled";
    private static final String SWITCH_VARIABLE = "OTEL_JAVA_GLOBAL_AUTOCONFIGURE_ENABLED";
    /** Where nobody says otherwise; metrics are Prometheus's matter. */
    private static final Map<String, String> DEFAULTS = Map.of("otel.service.name", NAME,
            "otel.exporter.otlp.protocol", "http/protobuf", "otel.metrics.exporter", "none", "otel.logs.exporter",
            "none");
    /** A collector that is away must not hold the stop, which has 10 seconds for all there is. */
    private static final long LAST_SPANS_SECONDS = 1;

    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("bridge.outcome");
    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.type");
    private static final AttributeKey<String> DESTINATION = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> MESSAGE_ID = AttributeKey.stringKey("messaging.message.id");
    private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("bridge.attempt");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
    private static final String PATH = "/webhook/routing-events";

    private final OpenTelemetrySdk own;
    private final Tracer tracer;
    private final String bus;

    /**
     * As the process's variables and properties have it.
     *
     * @param bus what spans of publishing are named for
     * @throws io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException where it is on and they are wrong
     */
    public Tracing(String bus) {
        this.bus = bus;
        own = Boolean.parseBoolean(System.getProperty(SWITCH, System.getenv(SWITCH_VARIABLE)))
                ? AutoConfiguredOpenTelemetrySdk.builder().disableShutdownHook().addPropertiesSupplier(() -> DEFAULTS)
                .build().getOpenTelemetrySdk() : null;
        OpenTelemetry openTelemetry = own != null ? own : GlobalOpenTelemetry.getOrNoop();
        tracer = openTelemetry == OpenTelemetry.noop() ? null : openTelemetry.getTracer(NAME);
    }

    /** A request's span, to be ended by {@link #answered}. */
    public Span request(TraceContext sendersTrace, Instant receivedAt) {
        return tracer == null ? Span.getInvalid() : begun(tracer.spanBuilder("POST " + PATH)
                .setSpanKind(SpanKind.SERVER).setStartTimestamp(receivedAt)
                .setAttribute(METHOD, "POST").setAttribute(ROUTE, PATH), sendersTrace);
    }

    /** The request has its answer. */
    public static void answered(Span request, int status, String outcome) {
        request.setAttribute(STATUS, status).setAttribute(OUTCOME, outcome);
        if (status >= 500) {
            request.setStatus(StatusCode.ERROR);
        }
        request.end();
    }

    /** An attempt's span, to be ended by {@link #ended}. */
    public Span attempt(RoutingEvent event, int number) {
        return tracer == null ? Span.getInvalid() : begun(tracer.spanBuilder("publish " + bus)
                .setSpanKind(SpanKind.PRODUCER)
                .setAttribute(SYSTEM, "aws_eventbridge").setAttribute(OPERATION, "send").setAttribute(DESTINATION, bus)
                .setAttribute(MESSAGE_ID, event.id()).setAttribute(ATTEMPT, (long) number), event.trace());
    }

    /**
     * The attempt has come to its end.
     *
     * @param error kind of failure; null where there was none
     */
    public static void ended(Span attempt, String error) {
        if (error != null) {
            attempt.setStatus(StatusCode.ERROR).setAttribute(ERROR, error);
        }
        attempt.end();
    }

    /** The event with a span as the parent of what comes next; as it is where spans are off. */
    public static RoutingEvent within(Span span, RoutingEvent event) {
        return span.getSpanContext().isValid() ? event.traced(TraceContext.of(span.getSpanContext())) : event;
    }

    private static Span begun(SpanBuilder builder, TraceContext parent) {
        return builder.setParent(parent == null ? Context.root() : Context.root().with(Span.wrap(parent.parent())))
                .startSpan();
    }

    /** Sends what is left, as far as there is time. */
    @Override
    public void close() {
        if (own != null) {
            own.getSdkTracerProvider().shutdown().join(LAST_SPANS_SECONDS, TimeUnit.SECONDS);
        }
    }
}
