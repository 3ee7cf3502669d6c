package org.routingbridge.event;

import java.time.Instant;
import java.util.function.UnaryOperator;

/**
 * A POST to the webhook before anybody has looked into it: its headers, and its body once that is read.
 *
 * @param header     one header's value by its name, null where it is absent
 * @param body       the bytes as they came; null until they are read
 * @param receivedAt when the request arrived
 * @param trace      that the request is part of; null where there is none
 */
public record Delivery(UnaryOperator<String> header, byte[] body, Instant receivedAt, TraceContext trace)
        implements Received {

    /** Exchange property: the one whose body was read, for what is said of an exchange that has lost it. */
    public static final String READ = "bridge.delivery";

    /** One that is part of no trace. */
    public Delivery(UnaryOperator<String> header, byte[] body, Instant receivedAt) {
        this(header, body, receivedAt, null);
    }

    public Delivery withBody(byte[] bytes) {
        return new Delivery(header, bytes, receivedAt, trace);
    }

    public Delivery traced(TraceContext newTrace) {
        return new Delivery(header, body, receivedAt, newTrace);
    }

    @Override
    public String id() {
        return null;
    }

    @Override
    public String eventType() {
        return null;
    }

    @Override
    public String toString() {
        return "Delivery[" + (body == null ? "unread" : body.length + " bytes") + "]";
    }
}
