package org.routingbridge.operations;

import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.routingbridge.cxone.WebhookRegistration;
import org.routingbridge.eventbridge.BusState;

/**
 * Whether the bridge can do its work, with the reason in the check's data (contract, section 8). What mends itself, such
 * as EventBridge or CXone being out of reach, is a detail and leaves it up.
 */
public final class BridgeHealth extends AbstractHealthCheck {

    private final BusState busState;
    private final WebhookRegistration registration;

    public BridgeHealth(BusState busState, WebhookRegistration registration) {
        super("bridge", "bridge");
        this.busState = busState;
        this.registration = registration;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        boolean first = getCamelContext() == null;
        super.setCamelContext(camelContext);
        if (first) {
            // registering sets the context once more
            HealthCheckRegistry.get(camelContext).register(this);
        }
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.detail("eventbridge", busState.outOfReachReason() == null ? "reachable" : busState.outOfReachReason());
        Boolean registered = registration.well();
        builder.detail("registration", registered == null ? "unknown" : registered ? "ok" : "failed");
        String reason = busState.misconfigurationReason();
        if (reason == null) {
            builder.up();
        } else {
            builder.detail("reason", reason);
            builder.message("EventBridge is misconfigured: " + reason);
            builder.down();
        }
    }
}
