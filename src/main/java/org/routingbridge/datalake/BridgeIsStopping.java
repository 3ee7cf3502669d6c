package org.routingbridge.datalake;

import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/** Whether there is no time left for a call that may take long. */
public final class BridgeIsStopping implements Predicate {

    @Override
    public boolean matches(Exchange exchange) {
        return exchange.getContext().isStopping();
    }

    @Override
    public String toString() {
        return "bridge is stopping";
    }
}
