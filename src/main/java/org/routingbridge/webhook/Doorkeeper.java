package org.routingbridge.webhook;

import java.util.concurrent.atomic.AtomicInteger;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.routingbridge.operations.BridgeMetrics;
import org.routingbridge.settings.Settings;

/** Counts the requests being worked on, until their reply is written, and lets in no more than are allowed. */
public final class Doorkeeper implements Processor {

    private final int maxInflight;
    private final AtomicInteger inflight = new AtomicInteger();

    public Doorkeeper(Settings settings, BridgeMetrics metrics) {
        maxInflight = settings.maxInflight();
        metrics.gauge("bridge.inflight", "Requests being worked on", inflight::get);
    }

    /**
     * @throws Refused {@code overloaded} where as many as allowed are in flight
     */
    @Override
    public void process(Exchange exchange) {
        if (inflight.incrementAndGet() > maxInflight) {
            inflight.decrementAndGet();
            throw new Refused(Refusal.OVERLOADED,
                    "More requests are in flight than the bridge takes at once; send it again");
        }
        RequestEnd.of(exchange, done -> inflight.decrementAndGet());
    }
}
