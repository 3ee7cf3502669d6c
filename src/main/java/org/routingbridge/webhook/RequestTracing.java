package org.routingbridge.webhook;

import java.util.List;

import io.opentelemetry.api.trace.Span;
import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.TraceContext;
import org.routingbridge.tracing.Tracing;

/**
 * Takes up the sender's trace, so that what becomes of the event goes on in it; with spans on, within the request's own
 * (contract, section 9).
 */
public final class RequestTracing implements Processor {

    private final Tracing tracing;

    public RequestTracing(Tracing tracing) {
        this.tracing = tracing;
    }

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = exchange.getMessage().getBody(Delivery.class);
        List<String> traceparents = exchange.getProperty(BodyReader.REQUEST, HttpServerRequest.class).headers()
                .getAll(TraceContext.TRACEPARENT);
        // of two, nobody knows which one is meant
        TraceContext trace = traceparents.size() == 1 ? TraceContext.read(traceparents.get(0)) : null;
        Span span = tracing.request(trace, delivery.receivedAt());
        if (span.getSpanContext().isValid()) {
            RequestEnd.of(exchange, done -> answered(span, done));
            trace = TraceContext.of(span.getSpanContext());
        }
        if (trace != null) {
            exchange.getMessage().setBody(delivery.traced(trace));
        }
    }

    private static void answered(Span span, Exchange done) {
        if (done.getMessage().getBody() instanceof Reply reply) {
            Tracing.answered(span, reply.status(), reply.outcome());
        } else {
            Tracing.answered(span, Refusal.OVERLOADED.status(), Refusal.OVERLOADED.code());
        }
    }
}
