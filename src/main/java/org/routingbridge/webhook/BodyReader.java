package org.routingbridge.webhook;

import java.util.Arrays;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.settings.Settings;

/**
 * Reads a delivery's body, up to {@code bridge.webhook.max.body.bytes}: what is too large is refused by its
 * {@code Content-Length}, or as soon as it passes the limit. The exchange goes on on the event loop that has read it,
 * which no step must hold up: what waits for a disk goes on in threads of its own.
 */
public final class BodyReader extends AsyncProcessorSupport {

    /** Exchange property: the Vert.x request whose body is still to be read. */
    static final String REQUEST = "bridge.request";

    /** What is read and thrown away of a refused body, so that the sender gets to see the reply; then we hang up. */
    private static final long MOST_DISCARDED = 4L * 1024 * 1024;
    private static final long DISCARD_MILLIS = 5_000;
    /** Of a body whose length nobody has told. */
    private static final int FIRST_BYTES = 1024;

    private final int maxBytes;

    public BodyReader(Settings settings) {
        maxBytes = settings.maxBodyBytes();
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Delivery delivery = exchange.getMessage().getBody(Delivery.class);
        HttpServerRequest request = (HttpServerRequest) exchange.removeProperty(REQUEST);
        String declared = delivery.header().apply("Content-Length");
        if (declared != null && declared.length() > 9 || declared != null && Integer.parseInt(declared) > maxBytes) {
            exchange.setException(tooLarge());
            callback.done(true);
            return true;
        }
        new Reading(exchange, delivery, request, callback).begin(declared);
        return false;
    }

    /**
     * A body that has been read, if the webhook takes as much.
     *
     * @throws Refused {@code payload_too_large} where it is larger
     */
    public void check(Delivery delivery) {
        if (delivery.body().length > maxBytes) {
            throw tooLarge();
        }
    }

    private Refused tooLarge() {
        return new Refused(Refusal.PAYLOAD_TOO_LARGE, "The body is over " + maxBytes + " bytes");
    }

    /** One body on its way in. All of it happens on the request's event loop, so that once is enough. */
    private final class Reading {

        private final Exchange exchange;
        private final Delivery delivery;
        private final HttpServerRequest request;
        private final AsyncCallback callback;
        /** Of the declared length, so that what has come need not be copied again; {@code length} bytes have. */
        private byte[] body;
        private int length;
        private boolean isDeclared;
        private boolean over;

        Reading(Exchange exchange, Delivery delivery, HttpServerRequest request, AsyncCallback callback) {
            this.exchange = exchange;
            this.delivery = delivery;
            this.request = request;
            this.callback = callback;
        }

        void begin(String declared) {
            body = new byte[declared == null ? FIRST_BYTES : Integer.parseInt(declared)];
            isDeclared = declared != null;
            request.handler(this::append);
            request.endHandler(end -> end(null));
            request.exceptionHandler(failure -> end(failure instanceof Refused refused ? refused
                    : new Refused(Refusal.MALFORMED_JSON, "The body did not arrive whole")));
            if ("100-continue".equalsIgnoreCase(delivery.header().apply("Expect"))) {
                request.response().writeContinue();
            }
            request.resume();
        }

        private void append(Buffer chunk) {
            if (over) {
                return;
            }
            if (length + chunk.length() > maxBytes) {
                end(tooLarge());
            } else if (!isDeclared && !AdmissionLimit.hasRoom(exchange, chunk.length())) {
                end(new Refused(Refusal.OVERLOADED, "More is in flight than the bridge takes at once; send it again"));
            } else {
                if (length + chunk.length() > body.length) {
                    body = Arrays.copyOf(body,
                            Math.max(length + chunk.length(), Math.min(maxBytes, 2 * length)));
                }
                chunk.getBytes(0, chunk.length(), body, length);
                length += chunk.length();
            }
        }

        private void end(Refused refused) {
            if (over) {
                return;
            }
            over = true;
            if (refused != null) {
                request.pause();
                exchange.setException(refused);
            } else {
                Delivery read = delivery.withBody(length == body.length ? body : Arrays.copyOf(body, length));
                exchange.setProperty(Delivery.READ, read);
                exchange.getMessage().setBody(read);
            }
            callback.done(false);
        }
    }

    /** A body that was not read is still on its way; a sender that goes on and on is hung up on. */
    static void discardRest(HttpServerRequest request) {
        if (request.isEnded()) {
            return;
        }
        long[] discarded = {0};
        Context eventLoop = Vertx.currentContext();
        long timer = eventLoop.owner().setTimer(DISCARD_MILLIS, id -> request.connection().close());
        request.exceptionHandler(failure -> eventLoop.owner().cancelTimer(timer));
        request.endHandler(end -> eventLoop.owner().cancelTimer(timer));
        request.handler(chunk -> {
            discarded[0] += chunk.length();
            if (discarded[0] > MOST_DISCARDED) {
                request.connection().close();
            }
        });
        request.resume();
    }
}
