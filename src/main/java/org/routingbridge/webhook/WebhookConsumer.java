package org.routingbridge.webhook;

import java.time.Instant;
import java.util.List;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.ExchangeHelper;
import org.routingbridge.event.Delivery;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A platform-http consumer that hands each exchange on and writes the reply from the callback, so that no thread is
 * held while an event waits for EventBridge, a retry or the first one of its kind. With {@code useBodyHandler: false}
 * the route begins before the body is read, on the event loop, with a {@link Delivery} as body; otherwise it gets the
 * body's bytes on a worker, as from the stock consumer. A {@link Reply} as final body is the whole answer; anything
 * else is written as the stock consumer does it, and a failure is a 503, since the sender still owns the event.
 */
final class WebhookConsumer extends VertxPlatformHttpConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookConsumer.class);

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
        Integer status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        byte[] body = message.getBody(byte[].class);
        ctx.response().setStatusCode(status != null ? status : body == null ? 204 : 200);
        if (ExchangeHelper.getContentType(exchange) != null) {
            ctx.response().putHeader("Content-Type", ExchangeHelper.getContentType(exchange));
        }
        ctx.response().end(io.vertx.core.buffer.Buffer.buffer(body == null ? new byte[0] : body));
    }
}
