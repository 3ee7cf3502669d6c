package org.routingbridge.webhook;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.netty.channel.Channel;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Verticle;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.settings.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of the webhook. What no route takes it answers itself, in the contract's shape: 404, 405, and 503
 * while the routes are starting or stopping, when a sender must not read "gone" for "not now".
 */
final class WebhookServer {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookServer.class);
    private static final int IDLE_SECONDS = 75;
    private static final int STARTING_RETRY_SECONDS = 1;
    private static final int CLOSE_SECONDS = 5;

    private final CamelContext camelContext;
    private final int port;
    private final long maxBodyBytes;
    private final HttpGuard guard;
    private Vertx vertx;
    private volatile Channel listening;
    private volatile boolean stopping;

    WebhookServer(CamelContext camelContext, Settings settings) {
        this(camelContext, settings, new HttpGuard(settings.maxConnections()));
    }

    WebhookServer(CamelContext camelContext, Settings settings, HttpGuard guard) {
        this.camelContext = camelContext;
        this.guard = guard;
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
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(eventLoops)
                .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
        warnOfSlowSockets();
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
                        .invalidRequestHandler(WebhookServer.this::answerInvalid)
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

    private void warnOfSlowSockets() {
        if (!vertx.isNativeTransportEnabled() && System.getProperty("os.name").equals("Linux")) {
            LOG.warn("Linux's own way to wait for sockets cannot be used, so that the webhook takes more work; most"
                    + " likely what Netty unpacks in machine code may not be executed: mount the directory without"
                    + " noexec, or give another by -Dio.netty.native.workdir directory={}",
                    System.getProperty("io.netty.native.workdir"));
        }
    }

    boolean isStopping() {
        return stopping;
    }

    /** Vert.x closes a server's connections with it; the listening socket alone is reached from a connection of its. */
    private void connected(HttpConnection connection) {
        if (stopping) {
            connection.close();
            return;
        }
        if (listening == null && connection instanceof ConnectionBase base) {
            listening = base.channelHandlerContext().channel().parent();
        }
        guard.admit(connection);
    }

    private void answerInvalid(HttpServerRequest request) {
        request.response().putHeader("Connection", "close");
        answer(request.response(), Reply.refused(HttpGuard.refusalOf(request)));
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
            ctx.response().putHeader("Allow", ofPath.stream().flatMap(route -> route.methods().stream())
                    .map(HttpMethod::name).distinct().sorted().collect(Collectors.joining(", ")));
            answer(ctx, Reply.refused(new Refused(Refusal.METHOD_NOT_ALLOWED, "Send the event with POST")));
        }
    }

    private static boolean takes(Route route, RoutingContext ctx) {
        return route.methods() == null || route.methods().contains(ctx.request().method());
    }

    /** What the router cannot make sense of is its sender's fault, which no other time will mend. */
    private void answerFailed(RoutingContext ctx) {
        if (!ctx.response().ended()) {
            answer(ctx, ctx.statusCode() >= 500 || ctx.statusCode() < 400 ? unavailable() : Reply.refused(
                    new Refused(Refusal.MALFORMED_REQUEST, "The request's path or head cannot be understood")));
        }
    }

    private Router router() {
        return VertxPlatformHttpRouter.lookup(camelContext, routerName());
    }

    static Reply unavailable() {
        return Reply.overloaded("The bridge cannot take events just now; send it again", STARTING_RETRY_SECONDS);
    }

    void answer(RoutingContext ctx, Reply reply) {
        answer(ctx.response(), reply);
    }

    private void answer(HttpServerResponse response, Reply reply) {
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
