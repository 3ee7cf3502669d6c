package org.routingbridge;

import java.util.ServiceConfigurationError;

import org.apache.camel.CamelContext;
import org.apache.camel.spi.ContextServicePlugin;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.LifecycleStrategySupport;
import org.routingbridge.event.EventConverters;
import org.routingbridge.eventbridge.BusWatch;
import org.routingbridge.operations.ReadyLine;
import org.routingbridge.outbox.OutboxComponent;
import org.routingbridge.routes.CheckedRoutes;
import org.routingbridge.settings.HeadStart;
import org.routingbridge.steps.StopSteps;
import org.routingbridge.steps.WorkerSteps;
import org.routingbridge.webhook.WebhookEngine;

/**
 * Gives the bridge's beans to Camel, and ends them when Camel has ended. Camel finds it by its service file and calls it
 * once for a context, in its main program and under Camel JBang alike: before it sets up components, and before it
 * makes the beans of route files, which may so have the bridge's.
 */
public final class BridgePlugin implements ContextServicePlugin {

    /** Under which Camel's component for the webhook is told of its server. */
    private static final String WEBHOOK_ENGINE = "webhookEngine";
    /** What a context's properties say in which the bridge is to run; any other is left alone. */
    private static final String MARK = "camel.component.platform-http.engine";
    private static final String LAST_TO_END = "bridge";

    /** @throws ServiceConfigurationError where the bridge cannot start, since Camel goes on after any exception */
    @Override
    public void load(CamelContext context) {
        if (!isBridge(context)) {
            return;
        }
        Ending ending = new Ending();
        try {
            configure(context, ending);
        } catch (Exception | LinkageError e) {
            ending.close();
            throw new ServiceConfigurationError("The bridge's beans cannot be made", e);
        }
        // Camel's registry is the last to stop, when no thread of Camel's is left that might use a bean
        context.getRegistry().bind(LAST_TO_END, ending, null, "close");
    }

    private static boolean isBridge(CamelContext context) {
        return context.getPropertiesComponent().resolveProperty(MARK)
                .filter(("#bean:" + WEBHOOK_ENGINE)::equals).isPresent();
    }

    private static void configure(CamelContext context, Ending ending) throws Exception {
        Groundwork groundwork = Groundwork.of(context);
        BridgeBeans beans = new BridgeBeans(groundwork, ending);

        new CheckedRoutes().setCamelContext(context);
        new WorkerSteps().setCamelContext(context);
        new StopSteps().setCamelContext(context);
        new EventConverters().setCamelContext(context);

        beans.managementServer.setCamelContext(context);
        beans.managementServer.start();

        bindRouteBeans(beans, context.getRegistry());
        context.addComponent("outbox", new OutboxComponent(beans.outbox, beans.storedEvents,
                beans.dataLakeNotifications, beans.replyBudget, beans.busCircuitBreaker, beans.busPublisher));
        beans.bridgeHealth.setCamelContext(context);
        context.getManagementStrategy().addEventNotifier(new ReadyLine(groundwork.settings()));
        context.getManagementStrategy().addEventNotifier(beans.stateLog);
        context.addLifecycleStrategy(new FirstLook(beans.busWatch));

        WebhookEngine engine = new WebhookEngine(groundwork.settings());
        context.addService(engine, true, true);
        context.getRegistry().bind(WEBHOOK_ENGINE, engine);
    }

    private static void bindRouteBeans(BridgeBeans beans, Registry registry) {
        RouteBeans.all().forEach(bean -> {
            Object value = bean.of(beans);
            if (value instanceof HeadStart<?> later) {
                registry.bind(bean.name(), bean.type(), later::get);
            } else {
                registry.bind(bean.name(), value);
            }
        });
    }

    /** Looks for the bus while the routes are there and no event is. */
    private static final class FirstLook extends LifecycleStrategySupport {

        private final BusWatch busWatch;

        FirstLook(BusWatch busWatch) {
            this.busWatch = busWatch;
        }

        @Override
        public void onContextInitializing(CamelContext context) {
            busWatch.look();
        }
    }
}
