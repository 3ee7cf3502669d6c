package org.routingbridge.steps;

import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.StopDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Knows where a route ended: at a {@code stop} step, which leaves its name with the exchange, or after its last one.
 * Any other step is left as it is.
 */
public final class StopSteps extends ContextAddition implements InterceptStrategy {

    private static final String STOPPED_AT = "bridge.stoppedAt";

    @Override
    protected void addTo(CamelContext context) {
        context.getCamelContextExtension().addInterceptStrategy(this);
    }

    @Override
    public Processor wrapProcessorInInterceptors(CamelContext context, NamedNode step, Processor target,
                                                 Processor next) {
        if (!(step instanceof StopDefinition stop)) {
            return target;
        }
        String where = where(ProcessorDefinitionHelper.getRouteId(stop), stop.getId());
        return new DelegateAsyncProcessor(target) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                exchange.setProperty(STOPPED_AT, where);
                return super.process(exchange, callback);
            }
        };
    }

    /** Route and step with which an exchange has ended, for a log line. */
    public static String end(Exchange exchange) {
        String stopped = exchange.getProperty(STOPPED_AT, String.class);
        if (stopped != null) {
            return stopped;
        }
        String route = ExchangeHelper.getAtRouteId(exchange);
        RouteDefinition definition = exchange.getContext().getCamelContextExtension()
                .getContextPlugin(Model.class).getRouteDefinition(
                        route == null ? exchange.getFromRouteId() : route);
        ProcessorDefinition<?> last = definition == null || definition.getOutputs().isEmpty() ? null
                : definition.getOutputs().get(definition.getOutputs().size() - 1);
        return where(definition == null ? route : definition.getId(), last == null ? "none" : last.getId());
    }

    private static String where(String route, String step) {
        return "route=" + route + " step=" + step;
    }
}
