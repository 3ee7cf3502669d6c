package org.routingbridge.operations;

import org.apache.camel.CamelContext;
import org.apache.camel.support.LifecycleStrategySupport;
import org.routingbridge.settings.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says {@code Bridge ready} once the webhook answers, with where it does and what is configured, never with a secret.
 */
public final class ReadyLine extends LifecycleStrategySupport {

    private static final Logger LOG = LoggerFactory.getLogger(ReadyLine.class);

    private final Settings settings;

    public ReadyLine(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void onContextStarted(CamelContext context) {
        LOG.info("Bridge ready port={} managementPort={} bus={} region={} store={} registration={} signatures={}",
                settings.port(), settings.managementPort(), settings.eventBus(), settings.awsRegion(),
                settings.shownStoreUrl(), settings.registrationEnabled() ? "on" : "off",
                settings.hmacSecret() == null ? "off" : "on");
    }
}
