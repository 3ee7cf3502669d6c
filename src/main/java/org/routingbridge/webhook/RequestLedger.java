package org.routingbridge.webhook;

import java.time.Duration;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.routingbridge.event.Refusal;
import org.routingbridge.metrics.BridgeMetrics;

/** Enters every request with its outcome, which is what its reply says, when that is written. */
public final class RequestLedger implements Processor {

    private final BridgeMetrics metrics;

    public RequestLedger(BridgeMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void process(Exchange exchange) {
        long began = System.nanoTime();
        RequestEnd.of(exchange, done -> {
            String outcome = done.getMessage().getBody() instanceof Reply reply ? reply.outcome()
                    : Refusal.OVERLOADED.code();
            metrics.answered(outcome, Duration.ofNanos(System.nanoTime() - began));
        });
    }
}
