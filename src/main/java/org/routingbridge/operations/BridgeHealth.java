package org.routingbridge.operations;

import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.routingbridge.audit.AuditLog;
import org.routingbridge.cluster.Cluster;
import org.routingbridge.cxone.AccessToken;
import org.routingbridge.cxone.WebhookRegistration;
import org.routingbridge.datalake.DataLakeNotifications;
import org.routingbridge.eventbridge.BusCircuitBreaker;
import org.routingbridge.outbox.Outbox;

/**
 * Whether the bridge can do its work, with the reason in the check's data (contract, section 8). What mends itself,
 * such as EventBridge or CXone being out of reach, is a detail and leaves it up.
 */
public final class BridgeHealth extends AbstractHealthCheck {

    private final BusCircuitBreaker circuitBreaker;
    private final WebhookRegistration registration;
    private final Outbox outbox;
    private final Accounting accounting;
    private final AuditLog auditLog;
    private final DataLakeNotifications dataLake;
    private final AccessToken accessToken;
    private final StopOrder stopOrder;
    private final Cluster cluster;

    public BridgeHealth(BusCircuitBreaker circuitBreaker, WebhookRegistration registration, Outbox outbox,
                        Accounting accounting, AuditLog auditLog, DataLakeNotifications dataLake,
                        AccessToken accessToken, StopOrder stopOrder, Cluster cluster) {
        super("bridge", "bridge");
        this.dataLake = dataLake;
        this.accessToken = accessToken;
        this.auditLog = auditLog;
        this.stopOrder = stopOrder;
        this.cluster = cluster;
        this.outbox = outbox;
        this.accounting = accounting;
        this.circuitBreaker = circuitBreaker;
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
        builder.detail("eventbridge", circuitBreaker.state());
        builder.detail("token", accessToken.state());
        builder.detail("registration", registration.state());
        builder.detail("datalake", dataLake.state());
        builder.detail("outbox", outbox.pending() + " events");
        if (outbox.damage() != null) {
            builder.detail("damaged", outbox.damage());
        }
        builder.detail("audit", auditLog.state());
        builder.detail("books", accounting.balance().balanced() ? "balanced" : "NOT BALANCED: an event may be lost");
        String reason = reason();
        if (reason == null) {
            builder.up();
        } else {
            builder.detail("reason", reason);
            builder.message(reason);
            builder.down();
        }
    }

    private String reason() {
        if (stopOrder.isGiven()) {
            return "The bridge was told to stop";
        }
        if (circuitBreaker.misconfigurationReason() != null) {
            return "EventBridge is misconfigured: " + circuitBreaker.misconfigurationReason();
        }
        if (outbox.diskFailure() != null) {
            return "The store cannot be written to: " + outbox.diskFailure();
        }
        if (cluster.failure() != null) {
            return "The bridges on the same store cannot be asked: " + cluster.failure();
        }
        return outbox.isNearlyFull() ? "The outbox is over 90 % full" : null;
    }
}
