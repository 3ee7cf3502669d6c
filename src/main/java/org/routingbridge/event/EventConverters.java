package org.routingbridge.event;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

import org.apache.camel.CamelContext;
import org.apache.camel.Converter;
import org.routingbridge.steps.ContextAddition;

/**
 * A routing event is its JSON, as received, wherever a step wants text, bytes or a stream: a file, an HTTP call, a
 * queue.
 */
@Converter
public final class EventConverters extends ContextAddition {

    @Override
    protected void addTo(CamelContext context) {
        context.getTypeConverterRegistry().addTypeConverters(this);
    }

    @Converter
    public static String toText(RoutingEvent event) {
        return event.text();
    }

    /** In UTF-8. */
    @Converter
    public static byte[] toBytes(RoutingEvent event) {
        return event.text().getBytes(StandardCharsets.UTF_8);
    }

    /** In UTF-8. */
    @Converter
    public static InputStream toStream(RoutingEvent event) {
        return new ByteArrayInputStream(toBytes(event));
    }
}
