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
public final class Doorkeeper implements Processor {

    /** Of the heap, for the bodies of all requests in flight. */
    private static final int SHARE_OF_HEAP = 8;

    private static final String GUEST = "bridge.guest";

    private final int maxInflight;
    private final long maxBytes;
    private final int maxBodyBytes;
    private final AtomicInteger inflight = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    public Doorkeeper(Settings settings, BridgeMetrics metrics) {
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
        Guest guest = new Guest();
        if (inflight.incrementAndGet() > maxInflight | !guest.brings(bodyBytes)) {
            guest.leave();
            throw new Refused(Refusal.OVERLOADED,
                    "More requests are in flight than the bridge takes at once; send it again");
        }
        exchange.setProperty(GUEST, guest);
        RequestEnd.of(exchange, done -> guest.leave());
    }

    /** Whether there is room for so many bytes of a body of unknown length, as far as room is counted. */
    static boolean hasRoom(Exchange exchange, int moreBytes) {
        Guest guest = exchange.getProperty(GUEST, Guest.class);
        return guest == null || guest.brings(moreBytes);
    }

    /** One request, and what it takes of the room. */
    private final class Guest {

        private long brought;

        boolean brings(int moreBytes) {
            brought += moreBytes;
            return bytes.addAndGet(moreBytes) <= maxBytes;
        }

        void leave() {
            inflight.decrementAndGet();
            bytes.addAndGet(-brought);
        }
    }
}
