package org.routingbridge.steps;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * The first step after a failure that a route has caught: what fails from here on is another failure, and is handled as
 * such. An exchange otherwise keeps the marks of the error handler that gave up on the first one, and every error
 * handler on its way out then leaves the second one as it is.
 */
public final class CaughtFailure implements Processor {

    @Override
    public void process(Exchange exchange) {
        exchange.getExchangeExtension().setFailureHandled(false);
        exchange.getExchangeExtension().setErrorHandlerHandled(null);
    }
}
