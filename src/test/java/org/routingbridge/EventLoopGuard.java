package org.routingbridge;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.vertx.core.Context;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Knows the steps that wait for a disk or for the next try, and which of them ran on an event loop all the same, where
 * they would hold up every sender. Those are the steps that write to the broker or to files, and all of a route that
 * takes from the broker.
 */
final class EventLoopGuard implements InterceptStrategy {

    private static final String BROKER = "jms";
    /** The beans that write files and wait for the disk. */
    private static final Set<String> WRITERS = Set.of("rejectedEvents", "damagedEvents");

    private final Set<String> caught = ConcurrentHashMap.newKeySet();

    /** The ids of the steps that ran where they must not. */
    Set<String> caught() {
        return caught;
    }

    @Override
    public Processor wrapProcessorInInterceptors(CamelContext context, NamedNode step, Processor target,
                                                 Processor next) {
        RouteDefinition route = ProcessorDefinitionHelper.getRoute(step);
        boolean waits = isOfBroker(step) || route != null && isOfBroker(route.getInput())
                || step instanceof BeanDefinition bean && WRITERS.contains(bean.getRef());
        return waits ? new Watched(step.getId(), target) : target;
    }

    private static boolean isOfBroker(NamedNode node) {
        return node instanceof EndpointRequiredDefinition endpoint && endpoint.getEndpointUri().startsWith(BROKER);
    }

    private final class Watched extends DelegateAsyncProcessor {

        private final String id;

        Watched(String id, Processor target) {
            super(target);
            this.id = id;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            if (Context.isOnEventLoopThread()) {
                caught.add(id);
            }
            return super.process(exchange, callback);
        }
    }
}
