package org.routingbridge;

import java.util.List;
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
 * Knows the steps that wait for a disk or for somebody else's answer, and which of them ran on an event loop all the
 * same, where they would hold up every sender. Those are the operators' steps, the calls by HTTP, and all of a route
 * that tells the data lake again.
 */
final class EventLoopGuard implements InterceptStrategy {

    private static final List<String> WAITING = List.of("http:", "https:", "outbox:notifications");
    /** The beans that wait for the disk. */
    private static final Set<String> READERS = Set.of("deadLetters", "waitingEvents");

    private final Set<String> caught = ConcurrentHashMap.newKeySet();

    /** The ids of the steps that ran where they must not. */
    Set<String> caught() {
        return caught;
    }

    @Override
    public Processor wrapProcessorInInterceptors(CamelContext context, NamedNode step, Processor target,
                                                 Processor next) {
        RouteDefinition route = ProcessorDefinitionHelper.getRoute(step);
        boolean waits = isCall(step) || route != null && waits(route.getInput())
                || step instanceof BeanDefinition bean && READERS.contains(bean.getRef());
        return waits ? new Watched(step.getId(), target) : target;
    }

    private static boolean isCall(NamedNode node) {
        return waits(node) && !((EndpointRequiredDefinition) node).getEndpointUri().startsWith("outbox:");
    }

    private static boolean waits(NamedNode node) {
        return node instanceof EndpointRequiredDefinition endpoint
                && WAITING.stream().anyMatch(endpoint.getEndpointUri()::startsWith);
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
