package org.routingbridge.outbox;

import java.util.Map;

import org.apache.camel.Endpoint;
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.support.DefaultComponent;

/**
 * The component {@code outbox}: {@code outbox:events} takes an event to keep until EventBridge does, and hands out what
 * is kept, one event of a key at a time; {@code outbox:notifications} is the same for the data lake; what goes to
 * {@code outbox:dead-letters} stays there for a person to look at. An exchange that was handed out leaves the outbox
 * when its route has ended well; where it failed it stays, and is tried again after the pause that the variable
 * {@code nextTry} says.
 */
public final class OutboxComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        return new OutboxEndpoint(uri, this, OutboxEndpoint.Name.of(remaining));
    }

    <T> T bean(String name, Class<T> type) {
        return CamelContextHelper.mandatoryLookup(getCamelContext(), name, type);
    }
}
