package org.routingbridge.webhook;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.netty.channel.Channel;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Verticle;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.settings.Settings;

/**
 * The HTTP server of the webhook. What no route takes it answers itself, in the contract's shape: 404, 405, and 503
 * while the routes are starting or stopping, when a sender must not read "gone" for "not now".
 */
final class WebhookServer {

    private static final int IDLE_SECONDS = 75;
    private static final int STARTING_RETRY_SECONDS = 1;
    private static final int CLOSE_SECONDS = 5;

    private final CamelContext camelContext;
    private final int port;
    private final long maxBodyBytes;
    private Vertx vertx;
    private volatile Channel listening;
    private volatile boolean stopping;

    WebhookServer(CamelContext camelContext, Settings settings) {
        this.camelContext = camelContext;
        this.port = settings.port();
        this.maxBodyBytes = settings.maxBodyBytes();
    }

    int port() {
        return port;
    }

    String routerName() {
        return VertxPlatformHttpRouter.getRouterNameFromPort(port);
    }

    void start() throws Exception {
        stopping = false;
        int eventLoops = Runtime.getRuntime().availableProcessors();
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(eventLoops));
        Router router = Router.router(vertx);
        router.route().last().handler(this::answerUnrouted).failureHandler(this::answerFailed);
        camelContext.getRegistry().bind(routerName(), new VertxPlatformHttpRouter(null, vertx, router, routerName()) {
            @Override
            public Handler<RoutingContext> bodyHandler() {
                return BodyHandler.create(false).setBodyLimit(maxBodyBytes);
            }
        });
        HttpServerOptions options = new HttpServerOptions()
                .setIdleTimeout(IDLE_SECONDS)
                .setTcpNoDelay(true)
                .setReuseAddress(true)
                // HTTP/1.1 and nothing else
                .setHttp2ClearTextEnabled(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false);
        try {
            // a server has one event loop; those of one port share its connections
            vertx.deployVerticle(() -> server(options, router), new DeploymentOptions().setInstances(eventLoops))
                    .toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            vertx.close();
            throw new InvalidSettings(List.of(Settings.nameOf("bridge.port") + ": port " + port
                    + " cannot be listened on (" + e.getCause().getMessage() + "); stop what uses it, or set another"
                    + " one; example: 3000"));
        }
    }

    private Verticle server(HttpServerOptions options, Router router) {
        return new AbstractVerticle() {
            @Override
            public void start(Promise<Void> listening) {
                vertx.createHttpServer(options).requestHandler(router)
                        .connectionHandler(WebhookServer.this::connected)
                        .listen(port).<Void>mapEmpty().onComplete(listening);
            }
        };
    }

    /** Takes no new connections; those that are open get 503 for anything new, until {@link #stop()}. */
    void stopListening() {
        stopping = true;
        Channel channel = listening;
        if (channel != null) {
            channel.close();
        }
    }

    void stop() {
        stopListening();
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("The webhook's server did not close", e);
        }
    }

    boolean isStopping() {
        return stopping;
    }

    /** Vert.x closes a server's connections with it; the listening socket alone is reached from a connection of its. */
    private void connected(HttpConnection connection) {
        if (stopping) {
            connection.close();
        } else if (listening == null && connection instanceof ConnectionBase base) {
            listening = base.channelHandlerContext().channel().parent();
        }
    }

    private void answerUnrouted(RoutingContext ctx) {
        if (stopping || camelContext.getStatus() != ServiceStatus.Started) {
            answer(ctx, unavailable());
            return;
        }
        List<Route> ofPath = router().getRoutes().stream()
                .filter(route -> ctx.normalizedPath().equals(route.getPath())).toList();
        if (ofPath.isEmpty()) {
            answer(ctx, Reply.refused(new Refused(Refusal.NOT_FOUND,
                    "There is nothing at this path; check the webhook's URL")));
        } else if (ofPath.stream().anyMatch(route -> takes(route, ctx))) {
            // the route came while the request was on its way past it
            answer(ctx, unavailable());
        } else {
            answer(ctx, Reply.refused(new Refused(Refusal.METHOD_NOT_ALLOWED, "Send the event with POST")));
        }
    }

    private static boolean takes(Route route, RoutingContext ctx) {
        return route.methods() == null || route.methods().contains(ctx.request().method());
    }

    private void answerFailed(RoutingContext ctx) {
        if (!ctx.response().ended()) {
            answer(ctx, unavailable());
        }
    }

    private Router router() {
        return VertxPlatformHttpRouter.lookup(camelContext, routerName());
    }

    static Reply unavailable() {
        return Reply.overloaded("The bridge cannot take events just now; send it again", STARTING_RETRY_SECONDS);
    }

    void answer(RoutingContext ctx, Reply reply) {
        HttpServerResponse response = ctx.response();
        if (stopping) {
            response.putHeader("Connection", "close");
        }
        response.setStatusCode(reply.status()).putHeader("Content-Type", "application/json");
        if (reply.retryAfterSeconds() > 0) {
            response.putHeader("Retry-After", Integer.toString(reply.retryAfterSeconds()));
        }
        response.end(reply.toJson());
    }
}
