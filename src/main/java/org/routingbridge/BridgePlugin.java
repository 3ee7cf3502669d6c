package org.routingbridge;

import org.apache.camel.CamelContext;
import org.apache.camel.spi.ContextServicePlugin;

/**
 * Lets a main program that is not ours, such as Camel JBang's, start the bridge: Camel finds this by its service file
 * when it makes a context. Where there is no main program nothing comes of it.
 */
public final class BridgePlugin implements ContextServicePlugin {

    @Override
    public void load(CamelContext context) {
        if (context.getRegistry().lookupByName(BridgeStart.NAME) == null) {
            context.getRegistry().bind(BridgeStart.NAME, new BridgeStart());
        }
    }
}
