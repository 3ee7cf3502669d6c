package org.routingbridge.event;

import java.util.List;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;

/**
 * The trace that an event is part of, and the span in it that what comes next belongs under (contract, section 9).
 *
 * @param traceId  32 hex digits in lower case, not all 0
 * @param parentId of that span, 16 hex digits in lower case, not all 0
 * @param sampled  whether the trace is recorded
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">W3C Trace Context: traceparent</a>
 */
public record TraceContext(String traceId, String parentId, boolean sampled) {

    /** The header's name. */
    public static final String TRACEPARENT = "traceparent";
    /** Bytes of {@link #xRayHeader()}. */
    public static final int X_RAY_BYTES = "Root=1-12345678-123456789012345678901234;Parent=1234567890123456;Sampled=1"
            .length();

    private static final int EPOCH = 8;
    /** What reads the header is given the header's value in place of all headers. */
    private static final TextMapGetter<String> VALUE = new TextMapGetter<>() {

        @Override
        public Iterable<String> keys(String traceparent) {
            return List.of(TRACEPARENT);
        }

        @Override
        public String get(String traceparent, String name) {
            return TRACEPARENT.equals(name) ? traceparent : null;
        }
    };

    /**
     * What a {@code traceparent} says, of version 00 or a later one; null where it is absent or not valid, which is no
     * fault of the event's.
     */
    public static TraceContext read(String traceparent) {
        return traceparent == null ? null : of(Span.fromContext(
                W3CTraceContextPropagator.getInstance().extract(Context.root(), traceparent, VALUE)).getSpanContext());
    }

    /** The trace of a span, with the span as parent of what comes next; null where it is of none. */
    public static TraceContext of(SpanContext span) {
        return span.isValid() ? new TraceContext(span.getTraceId(), span.getSpanId(), span.isSampled()) : null;
    }

    /** As the parent of a span. */
    public SpanContext parent() {
        return SpanContext.createFromRemoteParent(traceId, parentId,
                sampled ? TraceFlags.getSampled() : TraceFlags.getDefault(), TraceState.getDefault());
    }

    /** As a {@code traceparent} of version 00. */
    public String traceparent() {
        return "00-" + traceId + "-" + parentId + (sampled ? "-01" : "-00");
    }

    /**
     * As AWS X-Ray writes it, the entry's {@code TraceHeader}.
     *
     * @see <a href="https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader">
     *      AWS X-Ray: tracing header</a>
     */
    public String xRayHeader() {
        return "Root=1-" + traceId.substring(0, EPOCH) + "-" + traceId.substring(EPOCH) + ";Parent=" + parentId
                + ";Sampled=" + (sampled ? '1' : '0');
    }
}
