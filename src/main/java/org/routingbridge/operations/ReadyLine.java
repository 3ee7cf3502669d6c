package org.routingbridge.operations;

import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.routingbridge.settings.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says {@code Bridge ready} once the webhook answers, with where it does and what is configured, never with a secret.
 */
public final class ReadyLine extends SimpleEventNotifierSupport {

    private static final Logger LOG = LoggerFactory.getLogger(ReadyLine.class);

    private final Settings settings;

    public ReadyLine(Settings settings) {
        this.settings = settings;
        setIgnoreCamelContextEvents(false);
        setIgnoreCamelContextInitEvents(true);
        setIgnoreExchangeEvents(true);
        setIgnoreRouteEvents(true);
        setIgnoreServiceEvents(true);
        setIgnoreStepEvents(true);
    }

    @Override
    public void notify(CamelEvent event) {
        if (event instanceof CamelEvent.CamelContextStartedEvent) {
            LOG.info("Bridge ready port={} managementPort={} bus={} region={} store={} registration={} signatures={}",
                    settings.port(), settings.managementPort(), settings.eventBus(), settings.awsRegion(),
                    settings.storeUrl(),
                    settings.registrationEnabled() ? "on" : "off", settings.hmacSecret() == null ? "off" : "on");
        }
    }
}
