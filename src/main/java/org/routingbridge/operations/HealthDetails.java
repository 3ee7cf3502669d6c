package org.routingbridge.operations;

import io.vertx.ext.web.Router;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.routingbridge.settings.Settings;

/**
 * Has the management port tell each check's data, the reason among it, without being asked for it by
 * {@code ?data=true}.
 */
public final class HealthDetails implements CamelContextAware {

    private static final int BEFORE_THE_CHECKS = -1;
    private static final String DATA = "data";

    private final int port;
    private CamelContext camelContext;

    public HealthDetails(Settings settings) {
        port = settings.managementPort();
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext context) {
        if (camelContext == null) {
            camelContext = context;
            try {
                context.addStartupListener((started, already) -> showData());
            } catch (Exception e) {
                throw new IllegalStateException("The management port cannot be prepared", e);
            }
        }
    }

    private void showData() {
        Router router = VertxPlatformHttpRouter.lookup(camelContext,
                VertxPlatformHttpRouter.getRouterNameFromPort(port));
        if (router != null) {
            router.route("/observe/health*").order(BEFORE_THE_CHECKS).handler(ctx -> {
                if (!ctx.request().params().contains(DATA)) {
                    ctx.request().params().add(DATA, "true");
                }
                ctx.next();
            });
        }
    }
}
