package org.routingbridge.webhook;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be done once a request has its reply. It is one completion for all that wait for that, since Camel sorts
 * an exchange's completions whenever the exchange enters or leaves a route.
 */
public final class RequestEnd extends SynchronizationAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(RequestEnd.class);
    private static final String PROPERTY = "bridge.requestEnd";

    private final List<Consumer<Exchange>> tasks = new ArrayList<>(3);

    private RequestEnd() {
    }

    /** Has this done at the end of the exchange's request, before what was to be done there already. */
    public static void of(Exchange exchange, Consumer<Exchange> task) {
        RequestEnd end = exchange.getProperty(PROPERTY, RequestEnd.class);
        if (end == null) {
            end = new RequestEnd();
            exchange.setProperty(PROPERTY, end);
            exchange.getExchangeExtension().addOnCompletion(end);
        }
        end.tasks.add(task);
    }

    @Override
    public void onDone(Exchange done) {
        for (int i = tasks.size() - 1; i >= 0; i--) {
            try {
                tasks.get(i).accept(done);
            } catch (RuntimeException e) {
                LOG.error("What was to be done at a request's end failed", e);
            }
        }
    }
}
