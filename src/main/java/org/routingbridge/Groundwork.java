package org.routingbridge;

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
}
