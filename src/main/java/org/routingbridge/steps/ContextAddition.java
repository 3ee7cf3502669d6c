package org.routingbridge.steps;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;

/**
 * Something that a bean adds to Camel itself, once: Camel looks only before it reads the route files for beans that it
 * is to take up by their type, and tells a bean of its context more than once.
 */
public abstract class ContextAddition implements CamelContextAware {

    private CamelContext camelContext;

    @Override
    public final CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public final void setCamelContext(CamelContext context) {
        if (camelContext == null) {
            camelContext = context;
            addTo(context);
        }
    }

    /** Called once, before the routes are made. */
    protected abstract void addTo(CamelContext context);
}
