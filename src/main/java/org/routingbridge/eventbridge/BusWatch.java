package org.routingbridge.eventbridge;

import java.util.function.Supplier;

import org.routingbridge.settings.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.ResourceNotFoundException;

/**
 * Asks whether the bus exists, since PutEvents to a bus that does not answers with success and loses the events. Any
 * other failure to ask says nothing: the permission to describe is not one the bridge needs (contract, section 4).
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html">
 *      DescribeEventBus</a>
 */
public final class BusWatch {

    private static final Logger LOG = LoggerFactory.getLogger(BusWatch.class);

    private final Supplier<EventBridgeClient> client;
    private final BusCircuitBreaker circuitBreaker;
    private final String bus;

    /** @param client which may still be being made until the first look */
    public BusWatch(Supplier<EventBridgeClient> client, BusCircuitBreaker circuitBreaker, Settings settings) {
        this.client = client;
        this.circuitBreaker = circuitBreaker;
        this.bus = settings.eventBus();
    }

    public void look() {
        boolean wasMissing = circuitBreaker.missingReason() != null;
        try {
            String found = client.get().describeEventBus(request -> request.name(bus)).name();
            if (found == null) {
                LOG.debug("The event bus could not be described reason=the answer names none");
                return;
            }
            circuitBreaker.found();
            if (wasMissing) {
                LOG.info("The event bus is there now bus={}", bus);
            }
        } catch (ResourceNotFoundException e) {
            circuitBreaker.missing("The event bus " + bus + " does not exist in this account and region");
            if (!wasMissing) {
                LOG.error("The event bus does not exist: create it, or correct {} bus={}",
                        Settings.nameOf("bridge.eventbridge.bus"), bus);
            }
        } catch (RuntimeException e) {
            LOG.debug("The event bus could not be described reason={}", RequestFailure.of(e).error());
        }
    }
}
