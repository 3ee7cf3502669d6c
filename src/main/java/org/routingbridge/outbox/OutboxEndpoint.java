package org.routingbridge.outbox;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Keep what cannot be delivered now, and hand it out again until it is. */
@UriEndpoint(firstVersion = "1.0.0", scheme = "outbox", title = "Outbox", syntax = "outbox:name",
        category = Category.MESSAGING)
public final class OutboxEndpoint extends DefaultEndpoint {

    /** What a row is. */
    enum Name {
        EVENTS, NOTIFICATIONS, DEAD_LETTERS;

        private String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Name of(String text) {
            return Arrays.stream(values()).filter(name -> name.text().equals(text)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("outbox:" + text + " is unknown; there are "
                            + Arrays.stream(values()).map(Name::text).collect(Collectors.joining(", "))));
        }
    }

    @UriPath(description = "What is kept", enums = "events,notifications,dead-letters")
    @Metadata(required = true)
    private final Name name;

    OutboxEndpoint(String uri, OutboxComponent component, Name name) {
        super(uri, component);
        this.name = name;
    }

    @Override
    public Producer createProducer() {
        OutboxComponent component = (OutboxComponent) getComponent();
        return new OutboxProducer(this, name, component.outbox, component.storedEvents, component.notifications,
                component.replyBudget, component.busPublisher, component.undeduplicated);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        OutboxComponent component = (OutboxComponent) getComponent();
        Consumer consumer = switch (name) {
            case EVENTS -> new EventsConsumer(this, processor, component.outbox, component.circuitBreaker,
                    component.busPublisher);
            case NOTIFICATIONS -> new NotificationsConsumer(this, processor, component.notifications);
            case DEAD_LETTERS -> throw new IllegalArgumentException("Dead letters wait for a person; nothing is read"
                    + " from outbox:dead-letters");
        };
        configureConsumer(consumer);
        return consumer;
    }
}
