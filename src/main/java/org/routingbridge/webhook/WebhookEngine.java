package org.routingbridge.webhook;

import java.util.List;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Processor;
import org.apache.camel.StaticService;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.support.service.ServiceSupport;
import org.routingbridge.settings.Settings;

/**
 * The platform-http engine behind the webhook: a server of its own on {@code bridge.port}, and consumers that hold no
 * thread while an exchange is routed. The stock engine holds one of 20 workers for every request in flight, and answers
 * by itself, in other shapes than the contract's, what no route takes.
 */
public final class WebhookEngine extends ServiceSupport
        implements PlatformHttpEngine, StaticService, CamelContextAware {

    /** Paths that are served on the management port. */
    private static final String OPERATIONS = "/ops/";

    private final Settings settings;
    private CamelContext camelContext;
    private WebhookServer server;

    public WebhookEngine(Settings settings) {
        this.settings = settings;
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        String router = endpoint.getPath().startsWith(OPERATIONS)
                ? VertxPlatformHttpRouter.getRouterNameFromPort(settings.managementPort()) : server.routerName();
        return new WebhookConsumer(endpoint, processor, List.of(), router, server);
    }

    @Override
    public int getServerPort() {
        return server.port();
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    @Override
    protected void doInit() {
        server = new WebhookServer(camelContext, settings);
    }

    @Override
    protected void doStart() throws Exception {
        server.start();
    }

    @Override
    protected void doStop() {
        server.stop();
    }
}
