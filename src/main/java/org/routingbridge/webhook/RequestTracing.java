package org.routingbridge.webhook;

import java.util.List;

import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.TraceContext;

/** Takes up the sender's trace, so that what becomes of the event goes on in it (contract, section 9). */
public final class RequestTracing implements Processor {

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = exchange.getMessage().getBody(Delivery.class);
        List<String> traceparents = exchange.getProperty(BodyReader.REQUEST, HttpServerRequest.class).headers()
                .getAll(TraceContext.TRACEPARENT);
        // of two, nobody knows which one is meant
        TraceContext sendersTrace = traceparents.size() == 1 ? TraceContext.read(traceparents.get(0)) : null;
        if (sendersTrace != null) {
            exchange.getMessage().setBody(delivery.traced(sendersTrace));
        }
    }
}
