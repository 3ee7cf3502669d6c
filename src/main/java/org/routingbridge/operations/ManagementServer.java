package org.routingbridge.operations;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.ServiceStatus;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.routingbridge.event.Refused;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.settings.Settings;
import org.routingbridge.webhook.HttpGuard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of the management port: health and metrics, and the operators' routes under {@code /ops}, behind the
 * {@link ManagementGuard}, with the {@link OperationsPage} that uses them. Camel's own answers what it does not serve
 * in HTML or not at all, refuses scrapers by their {@code Accept} and shows class names; here every answer but the
 * metrics and the page is JSON (contract, section 8).
 */
public final class ManagementServer implements CamelContextAware {

    private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);
    private static final ObjectWriter JSON = JsonMapper.builder().build().writer();
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private static final String HEALTH = "/observe/health";
    private static final String METRICS = "/observe/metrics";
    /** A parameter in the path of a route. */
    private static final String PARAMETER = ":[A-Za-z0-9_]+";
    private static final int IDLE_SECONDS = 75;
    private static final int WORKERS = 8;
    private static final int MOST_CONNECTIONS = 256;
    private static final int CLOSE_SECONDS = 5;
    /** Than the webhook's largest body, so that what is too large for that can be explained. */
    private static final long SO_MUCH_LARGER = 4;

    private final Settings settings;
    private final BridgeMetrics metrics;
    private final ManagementGuard guard;
    private CamelContext camelContext;
    private Vertx vertx;
    private Router router;

    public ManagementServer(Settings settings, BridgeMetrics metrics) {
        this.settings = settings;
        this.metrics = metrics;
        this.guard = new ManagementGuard(settings);
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext context) {
        camelContext = context;
    }

    /**
     * Listens; routes are added to it as they start.
     *
     * @throws InvalidSettings where the port cannot be listened on
     */
    public void start() throws InterruptedException {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(WORKERS)
                .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
        router = Router.router(vertx);
        for (int status = 400; status < 600; status++) {
            router.errorHandler(status, this::answerFailed);
        }
        // the status with which Vert.x ends a body that breaks off
        router.errorHandler(200, this::answerFailed);
        router.route().handler(this::receive);
        router.get(HEALTH).blockingHandler(health(HealthReport::all), false);
        router.get(HEALTH + "/live").blockingHandler(health(HealthReport::liveness), false);
        router.get(HEALTH + "/ready").blockingHandler(health(HealthReport::readiness), false);
        router.get(METRICS).blockingHandler(this::answerMetrics, false);
        new OperationsPage().addTo(router);
        metrics.gauge("bridge.ready", "1 while the bridge is ready",
                () -> HealthReport.readiness(camelContext).up() ? 1 : 0);
        String name = VertxPlatformHttpRouter.getRouterNameFromPort(settings.managementPort());
        camelContext.getRegistry().bind(name, new VertxPlatformHttpRouter(null, vertx, router, name) {
            @Override
            public Handler<RoutingContext> bodyHandler() {
                return BodyHandler.create(false).setBodyLimit(SO_MUCH_LARGER * settings.maxBodyBytes());
            }
        });
        listen();
    }

    private void listen() throws InterruptedException {
        HttpServerOptions options = new HttpServerOptions().setIdleTimeout(IDLE_SECONDS).setReuseAddress(true)
                .setHttp2ClearTextEnabled(false);
        try {
            vertx.createHttpServer(options).requestHandler(router)
                    .connectionHandler(new HttpGuard(MOST_CONNECTIONS)::admit)
                    .invalidRequestHandler(ManagementServer::answerInvalid)
                    .listen(settings.managementPort(), settings.managementHost())
                    .toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            vertx.close();
            throw new InvalidSettings(List.of(Settings.nameOf("bridge.management.port") + ": port "
                    + settings.managementPort() + " cannot be listened on (" + e.getCause().getMessage()
                    + "); stop what uses it, or set another one; example: 9876"));
        }
    }

    /** The last to stop, so that a bridge that ends can be watched. */
    public void stop() {
        if (vertx == null) {
            return;
        }
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("The management port did not close in time");
        }
    }

    private void receive(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        String path;
        try {
            path = ctx.normalizedPath();
            ctx.queryParams();
        } catch (RuntimeException e) {
            ctx.fail(400);
            return;
        }
        ctx.response().putHeader("Cache-Control", "no-store").putHeader("X-Content-Type-Options", "nosniff");
        Problem problem = guard.check(request, path);
        if (problem == null) {
            problem = OperatorsActs.problemOf(request, path);
        }
        if (problem != null) {
            answer(ctx.response(), problem);
        } else if (HttpMethod.HEAD.equals(request.method())) {
            // the response to a HEAD has no body, whatever is written to it
            ctx.reroute(HttpMethod.GET, request.query() == null ? request.path()
                    : request.path() + "?" + request.query());
        } else {
            ctx.next();
        }
    }

    private Handler<RoutingContext> health(Function<CamelContext, HealthReport> checks) {
        return ctx -> {
            HealthReport report = checks.apply(camelContext);
            write(ctx.response(), report.up() ? 200 : 503, report.body());
        };
    }

    private void answerMetrics(RoutingContext ctx) {
        String type = wantsOpenMetrics(ctx) ? OPEN_METRICS : TEXT;
        ctx.response().putHeader("Content-Type", type).end(metrics.scrape(type));
    }

    private static boolean wantsOpenMetrics(RoutingContext ctx) {
        try {
            for (MIMEHeader type : ctx.parsedHeaders().accept()) {
                // the most wanted comes first
                if (type.weight() > 0 && type.subComponent().equals("openmetrics-text")) {
                    return true;
                }
                if (type.component().equals("text")) {
                    return false;
                }
            }
        } catch (RuntimeException e) {
            LOG.debug("An Accept header cannot be read");
        }
        return false;
    }

    /** What no route took, and what went wrong in one. */
    private void answerFailed(RoutingContext ctx) {
        if (ctx.response().ended() || ctx.response().closed()) {
            return;
        }
        if (ctx.failure() instanceof Refused refused) {
            answer(ctx.response().putHeader("Connection", "close"), new Problem(refused.refusal().status(),
                    refused.refusal().code(), refused.getMessage()));
            return;
        }
        if (ctx.failure() instanceof HttpClosedException) {
            return;
        }
        int status = ctx.statusCode() < 400 ? 500 : ctx.statusCode();
        if (status >= 500) {
            LOG.error("A request to the management port failed method={} path={}", ctx.request().method(),
                    ctx.request().path(), ctx.failure());
        } else if (status == 404 && camelContext.getStatus() != ServiceStatus.Started) {
            status = 503;
            ctx.response().putHeader("Retry-After", "1");
        } else if (status == 405) {
            ctx.response().putHeader("Allow", String.join(", ", allowed(ctx.normalizedPath())));
        }
        answer(ctx.response(), Problem.of(status));
    }

    private Set<String> allowed(String path) {
        Set<String> allowed = new TreeSet<>();
        for (Route route : router.getRoutes()) {
            if (route.methods() != null && route.getPath() != null
                    && path.matches(route.getPath().replaceAll(PARAMETER, "[^/]+") + "/?")) {
                route.methods().forEach(method -> allowed.add(method.name()));
            }
        }
        if (allowed.contains("GET")) {
            allowed.add("HEAD");
        }
        return allowed;
    }

    /** What is no HTTP, or too long: the connection ends, since nobody knows where the next request begins. */
    @SuppressWarnings("deprecation") // unlike the connection's own, it lets the answer out first
    private static void answerInvalid(HttpServerRequest request) {
        int status = HttpGuard.refusalOf(request).refusal().status();
        answer(request.response().putHeader("Connection", "close"), Problem.of(status));
        request.response().close();
    }

    private static void answer(HttpServerResponse response, Problem problem) {
        if (problem.status() == 401) {
            response.putHeader("WWW-Authenticate", "Bearer");
        }
        write(response, problem.status(), problem);
    }

    private static void write(HttpServerResponse response, int status, Object body) {
        Buffer json;
        try {
            json = Buffer.buffer(JSON.writeValueAsBytes(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An answer of the management port is always JSON", e);
        }
        response.setStatusCode(status).putHeader("Content-Type", "application/json").end(json);
    }
}
