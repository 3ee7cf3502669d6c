package org.routingbridge;

import java.util.function.Supplier;

import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.LifecycleStrategySupport;
import org.routingbridge.event.EventConverters;
import org.routingbridge.eventbridge.BusWatch;
import org.routingbridge.operations.ReadyLine;
import org.routingbridge.outbox.OutboxComponent;
import org.routingbridge.routes.CheckedRoutes;
import org.routingbridge.settings.HeadStart;
import org.routingbridge.settings.Settings;
import org.routingbridge.steps.DirectBeanSteps;
import org.routingbridge.steps.StopSteps;
import org.routingbridge.steps.WorkerSteps;
import org.routingbridge.webhook.WebhookEngine;

/**
 * Gives the bridge's beans to Camel, and ends them when Camel has ended. Camel's main program, of which Camel JBang's
 * is one, finds it in the registry and calls it once the properties are known: before it sets up components, and before
 * it makes the beans of route files, which may so have the bridge's. Classes that the properties name come later.
 */
public final class BridgeStart extends MainListenerSupport {

    /** Under which it is in the registry. */
    static final String NAME = "bridgeStart";

    /** Under which Camel's component for the webhook is told of its server. */
    private static final String WEBHOOK_ENGINE = "webhookEngine";
    private static final String LAST_TO_END = "bridge";

    private final Supplier<Groundwork> ground;

    /** Lays the groundwork itself. */
    BridgeStart() {
        this(() -> Groundwork.lay(Settings.load()));
    }

    /** On what is laid. */
    BridgeStart(Groundwork groundwork) {
        this(() -> groundwork);
    }

    private BridgeStart(Supplier<Groundwork> ground) {
        this.ground = ground;
    }

    /** Where the bridge cannot start this throws, and leaves nothing open. */
    @Override
    public void beforeConfigure(BaseMainSupport main) {
        CamelContext context = main.getCamelContext();
        Ending ending = new Ending();
        try {
            configure(context, ground.get(), ending);
        } catch (Exception | LinkageError e) {
            ending.close();
            throw RuntimeCamelException.wrapRuntimeCamelException(e);
        }
        // Camel's registry is the last to stop, when no thread of Camel's is left that might use a bean
        context.getRegistry().bind(LAST_TO_END, ending, null, "close");
    }

    private static void configure(CamelContext context, Groundwork groundwork, Ending ending) throws Exception {
        BridgeBeans beans = new BridgeBeans(groundwork, ending);

        new DirectBeanSteps().setCamelContext(context);
        new CheckedRoutes().setCamelContext(context);
        new WorkerSteps().setCamelContext(context);
        new StopSteps().setCamelContext(context);
        new EventConverters().setCamelContext(context);

        beans.managementServer.setCamelContext(context);
        beans.managementServer.start();

        bindRouteBeans(beans, context.getRegistry());
        context.addComponent(OutboxComponent.SCHEME, new OutboxComponent(beans.outbox, beans.storedEvents,
                beans.dataLakeNotifications, beans.replyBudget, beans.busCircuitBreaker, beans.busPublisher,
                beans.undeduplicated));
        beans.bridgeHealth.setCamelContext(context);
        context.addLifecycleStrategy(new ReadyLine(groundwork.settings()));
        context.addLifecycleStrategy(beans.stateLog);
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
