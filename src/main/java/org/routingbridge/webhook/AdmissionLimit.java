package org.routingbridge.webhook;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.settings.Settings;

/**
 * Counts the requests being worked on, until their reply is written, and lets in no more than are allowed, nor more
 * bytes of body than memory holds: an event takes several times its body's bytes until its reply.
 */
public final class AdmissionLimit implements Processor {

    /** Of the heap, for the bodies of all requests in flight. */
    private static final int SHARE_OF_HEAP = 8;

    private static final String PERMIT = "bridge.permit";

    private final int maxInflight;
    private final long maxBytes;
    private final int maxBodyBytes;
    private final AtomicInteger inflight = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    public AdmissionLimit(Settings settings, BridgeMetrics metrics) {
        maxInflight = settings.maxInflight();
        maxBodyBytes = settings.maxBodyBytes();
        maxBytes = Math.max(maxBodyBytes, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
        metrics.gauge("bridge.inflight", "Requests being worked on", inflight::get);
    }

    /**
     * @throws Refused {@code overloaded} where as many as allowed are in flight
     */
    @Override
    public void process(Exchange exchange) {
        String declared = exchange.getMessage().getBody(Delivery.class).header().apply("Content-Length");
        int bodyBytes = declared == null ? 0 : declared.length() > 9 ? maxBodyBytes
                : Math.min(maxBodyBytes, Integer.parseInt(declared));
        Permit permit = new Permit();
        boolean oneTooMany = inflight.incrementAndGet() > maxInflight;
        if (!permit.takes(bodyBytes) || oneTooMany) {
            permit.release();
            throw new Refused(Refusal.OVERLOADED,
                    "More requests are in flight than the bridge takes at once; send it again");
        }
        exchange.setProperty(PERMIT, permit);
        RequestEnd.of(exchange, done -> permit.release());
    }

    /** Whether there is room for so many bytes of a body of unknown length, as far as room is counted. */
    static boolean hasRoom(Exchange exchange, int moreBytes) {
        Permit permit = exchange.getProperty(PERMIT, Permit.class);
        return permit == null || permit.takes(moreBytes);
    }

    /** One request, and what it takes of the room. */
    private final class Permit {

        private long taken;

        boolean takes(int moreBytes) {
            taken += moreBytes;
            return bytes.addAndGet(moreBytes) <= maxBytes;
        }

        void release() {
            inflight.decrementAndGet();
            bytes.addAndGet(-taken);
        }
    }
}
