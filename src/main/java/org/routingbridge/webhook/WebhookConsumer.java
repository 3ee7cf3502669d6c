package org.routingbridge.webhook;

import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.ExchangeHelper;
import org.routingbridge.audit.AuditLog;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.steps.StopSteps;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A platform-http consumer that hands each exchange on and writes the reply from the callback, so that no thread is
 * held while an event waits for EventBridge, a retry or the first one of its kind. With {@code useBodyHandler: false}
 * the route begins before the body is read, on the event loop, with a {@link Delivery} as body; otherwise it gets the
 * body's bytes on a worker, as from the stock consumer. A {@link Reply} as final body is the whole answer, and where an
 * event was delivered there is no other: without one, as after a failure, it is a 503, since the sender still owns the
 * event. Anything else is written as the stock consumer does it.
 */
final class WebhookConsumer extends VertxPlatformHttpConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookConsumer.class);

    private static final int PIECE = 64 * 1024;
    private static final int SLOWEST_READER_SECONDS = 30;

    private final WebhookServer server;
    private final PlatformHttpEndpoint endpoint;

    WebhookConsumer(PlatformHttpEndpoint endpoint, Processor processor, List<Handler<RoutingContext>> handlers,
                    String routerName, WebhookServer server) {
        super(endpoint, processor, handlers, routerName);
        this.endpoint = endpoint;
        this.server = server;
    }

    @Override
    protected void doSuspend() throws Exception {
        super.doSuspend();
        if (getEndpoint().getCamelContext().isStopping()) {
            server.stopListening();
        }
    }

    @Override
    protected void handleRequest(RoutingContext ctx) {
        if (isSuspended() || server.isStopping()) {
            server.answer(ctx, WebhookServer.unavailable());
            return;
        }
        Context eventLoop = ctx.vertx().getOrCreateContext();
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        if (!endpoint.isUseBodyHandler()) {
            deliver(exchange, ctx.request());
            route(exchange, eventLoop, ctx);
            return;
        }
        processHttpRequest(exchange, ctx).onComplete(read -> {
            if (read.failed()) {
                exchange.setException(read.cause());
                finish(ctx, exchange);
            } else {
                ctx.vertx().executeBlocking(() -> {
                    route(exchange, eventLoop, ctx);
                    return null;
                }, false);
            }
        });
    }

    /**
     * The stock consumer would copy the caller's headers and query into the message, from where they must not go on.
     */
    private static void deliver(Exchange exchange, HttpServerRequest request) {
        request.pause();
        exchange.setProperty(BodyReader.REQUEST, request);
        Outcome.share(exchange);
        exchange.getMessage().setBody(new Delivery(request::getHeader, null, Instant.now()));
    }

    private void route(Exchange exchange, Context eventLoop, RoutingContext ctx) {
        try {
            createUoW(exchange);
        } catch (Exception e) {
            exchange.setException(e);
            eventLoop.runOnContext(v -> finish(ctx, exchange));
            return;
        }
        getAsyncProcessor().process(exchange, doneSync -> eventLoop.runOnContext(v -> finish(ctx, exchange)));
    }

    private void finish(RoutingContext ctx, Exchange exchange) {
        try {
            if (!endpoint.isUseBodyHandler() && exchange.getException() == null
                    && !(exchange.getMessage().getBody() instanceof Reply)) {
                exchange.getMessage().setBody(unanswered(exchange));
            }
            if (!ctx.response().ended() && !ctx.response().closed()) {
                write(ctx, exchange);
            }
        } catch (Exception e) {
            LOG.warn("A reply could not be written path={}", endpoint.getPath(), e);
            ctx.request().connection().close();
        } finally {
            BodyReader.discardRest(ctx.request());
            doneUoW(exchange);
            releaseExchange(exchange, false);
        }
    }

    /** Whatever else the body is: that nobody has answered is no way to accept an event. */
    private Reply unanswered(Exchange exchange) {
        LOG.error("A request ended without a reply, so that its sender was told to send it again; let the route go on"
                + " to a step that makes the event safe and to one that answers {}", StopSteps.end(exchange));
        Refused refused = new Refused(Refusal.UNANSWERED,
                "The bridge's routes ended without an answer, and nobody owns the event but you; send it again");
        AuditLog auditLog = endpoint.getCamelContext().getRegistry().findSingleByType(AuditLog.class);
        if (auditLog != null) {
            auditLog.faulted(exchange, refused);
        }
        return Reply.refused(refused);
    }

    /** Piece by piece and no faster than it is read, on a worker, so that nothing long is ever in memory. */
    private static void pump(RoutingContext ctx, InputStream stream) {
        HttpServerResponse response = ctx.response();
        ctx.vertx().executeBlocking(() -> {
            byte[] piece = new byte[PIECE];
            for (int read = stream.readNBytes(piece, 0, PIECE); read > 0; read = stream.readNBytes(piece, 0, PIECE)) {
                response.write(Buffer.buffer(Arrays.copyOf(piece, read))).toCompletionStage().toCompletableFuture()
                        .get(SLOWEST_READER_SECONDS, TimeUnit.SECONDS);
            }
            return response.end();
        }, false).onFailure(failure -> {
            LOG.warn("A list could not be sent to its end reason={}", failure.getMessage());
            ctx.request().connection().close();
        });
    }

    private void write(RoutingContext ctx, Exchange exchange) throws Exception {
        if (exchange.getException() != null) {
            LOG.error("A request failed where no route handled it path={}", endpoint.getPath(),
                    exchange.getException());
            server.answer(ctx, WebhookServer.unavailable());
            return;
        }
        Message message = exchange.getMessage();
        if (message.getBody() instanceof Reply reply) {
            server.answer(ctx, reply);
            return;
        }
        HeaderFilterStrategy filter = endpoint.getHeaderFilterStrategy();
        message.getHeaders().forEach((name, value) -> {
            if (value != null && !ctx.pathParams().containsKey(name)
                    && !filter.applyFilterToCamelHeaders(name, value, exchange)) {
                ctx.response().putHeader(name, value.toString());
            }
        });
        if (ExchangeHelper.getContentType(exchange) != null) {
            ctx.response().putHeader("Content-Type", ExchangeHelper.getContentType(exchange));
        }
        Integer status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        if (message.getBody() instanceof InputStream stream) {
            ctx.response().setStatusCode(status != null ? status : 200).setChunked(true);
            pump(ctx, stream);
            return;
        }
        byte[] body = message.getBody(byte[].class);
        ctx.response().setStatusCode(status != null ? status : body == null ? 204 : 200);
        ctx.response().end(Buffer.buffer(body == null ? new byte[0] : body));
    }
}
