package org.routingbridge.event;

import java.util.Locale;

import org.apache.camel.Exchange;

/**
 * How an event was made safe (contract, section 3). Whatever makes it so says it in the exchange variable
 * {@value #VARIABLE}; without that there is no reply that accepts the event, no id is remembered and no watermark
 * moves, whichever way a route goes.
 */
public enum Outcome {

    /** On the bus. */
    PROCESSED,
    /** In the outbox, on disk. */
    QUEUED,
    /** Among the dead letters, on disk. */
    DEAD_LETTERED;

    /** Name of the exchange variable; its value as a text is the contract's word. What a route sets there is none. */
    public static final String VARIABLE = "outcome";

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The contract's word for it. */
    public String word() {
        return word;
    }

    /** The exchange's event is safe now. */
    public void enter(Exchange exchange) {
        exchange.setVariable(VARIABLE, this);
    }

    /** How the exchange's event was made safe; null where it was not. */
    public static Outcome of(Exchange exchange) {
        return exchange.getVariable(VARIABLE) instanceof Outcome outcome ? outcome : null;
    }

    @Override
    public String toString() {
        return word;
    }
}
