package org.routingbridge;

import org.apache.camel.CamelContext;
import org.routingbridge.eventbridge.EventBridgeClients;
import org.routingbridge.operations.StopOrder;
import org.routingbridge.settings.DataDirectory;
import org.routingbridge.settings.HeadStart;
import org.routingbridge.settings.Settings;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;

/**
 * What the beans stand on, and what can be there before Camel is.
 *
 * @param settings      of this run, read once
 * @param dataDirectory claimed for this run
 * @param eventBridge   the client, which is the slowest part of a start but Camel's own, and is made beside that
 * @param stopOrder     by which a main program has the bridge stop
 */
record Groundwork(Settings settings, DataDirectory dataDirectory, HeadStart<EventBridgeClient> eventBridge,
                  StopOrder stopOrder) {

    /** Under which a main program hands over what it has laid. */
    static final String NAME = "groundwork";

    /**
     * Claims the data directory and begins to make the client.
     *
     * @throws org.routingbridge.settings.InvalidSettings where the directory cannot be had
     */
    static Groundwork lay(Settings settings) {
        DataDirectory claimed = DataDirectory.claim(settings);
        return new Groundwork(settings, claimed,
                HeadStart.on("eventbridge-client", () -> EventBridgeClients.create(settings)),
                new StopOrder(settings.shutdownDelay()));
    }

    /** What a main program has laid, taken out of the registry; laid now where there is none. */
    static Groundwork of(CamelContext context) {
        Groundwork laid = context.getRegistry().lookupByNameAndType(NAME, Groundwork.class);
        if (laid == null) {
            return lay(Settings.load());
        }
        context.getRegistry().unbind(NAME);
        return laid;
    }
}
