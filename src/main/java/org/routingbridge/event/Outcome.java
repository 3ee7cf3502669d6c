package org.routingbridge.event;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

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

    /** Exchange property that an exchange shares with its copies. */
    private static final String SHARED = "bridge.outcome";

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The contract's word for it. */
    public String word() {
        return word;
    }

    /**
     * An exchange begins whose event is to be made safe. Where a route works on copies of it, in a multicast or a
     * split, what makes the event safe in one of them counts for the exchange as well, whose variables Camel leaves as
     * they were.
     */
    public static void share(Exchange exchange) {
        exchange.setProperty(SHARED, new AtomicReference<Outcome>());
    }

    /** The exchange's event is safe now. */
    @SuppressWarnings("unchecked")
    public void enter(Exchange exchange) {
        exchange.setVariable(VARIABLE, this);
        AtomicReference<Outcome> shared = exchange.getProperty(SHARED, AtomicReference.class);
        if (shared != null) {
            shared.set(this);
        }
    }

    /** How the exchange's event was made safe; null where it was not. */
    @SuppressWarnings("unchecked")
    public static Outcome of(Exchange exchange) {
        if (exchange.getVariable(VARIABLE) instanceof Outcome outcome) {
            return outcome;
        }
        AtomicReference<Outcome> shared = exchange.getProperty(SHARED, AtomicReference.class);
        return shared == null ? null : shared.get();
    }

    @Override
    public String toString() {
        return word;
    }
}
