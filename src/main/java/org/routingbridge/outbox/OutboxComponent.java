package org.routingbridge.outbox;

import java.util.Map;

import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.routingbridge.cluster.Undeduplicated;
import org.routingbridge.datalake.DataLakeNotifications;
import org.routingbridge.eventbridge.BusCircuitBreaker;
import org.routingbridge.eventbridge.BusPublisher;
import org.routingbridge.eventbridge.ReplyBudget;

/**
 * The component {@code outbox}: {@code outbox:events} takes an event to keep until EventBridge does, and hands out what
 * is kept, one event of a key at a time; {@code outbox:notifications} is the same for the data lake; what goes to
 * {@code outbox:dead-letters} stays there for a person to look at. An exchange that was handed out leaves the outbox
 * when its route has ended well; where it failed it stays, and is tried again after the pause that the variable
 * {@code nextTry} says.
 */
public final class OutboxComponent extends DefaultComponent {

    /** How its endpoints begin. */
    public static final String SCHEME = "outbox";

    final Outbox outbox;
    final StoredEvents storedEvents;
    final DataLakeNotifications notifications;
    final ReplyBudget replyBudget;
    final BusCircuitBreaker circuitBreaker;
    final BusPublisher busPublisher;
    final Undeduplicated undeduplicated;

    public OutboxComponent(Outbox outbox, StoredEvents storedEvents, DataLakeNotifications notifications,
                           ReplyBudget replyBudget, BusCircuitBreaker circuitBreaker, BusPublisher busPublisher,
                           Undeduplicated undeduplicated) {
        this.outbox = outbox;
        this.storedEvents = storedEvents;
        this.notifications = notifications;
        this.replyBudget = replyBudget;
        this.circuitBreaker = circuitBreaker;
        this.busPublisher = busPublisher;
        this.undeduplicated = undeduplicated;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        return new OutboxEndpoint(uri, this, OutboxEndpoint.Name.of(remaining));
    }
}
