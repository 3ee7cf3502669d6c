package org.routingbridge.cluster;

import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/** Whether it is this bridge that keeps the webhook registered: of those that share a store, one does. */
public final class RegistrationLease implements Predicate {

    static final String NAME = "registration";

    private final Members members;

    /** @param members null where this bridge is alone */
    public RegistrationLease(Members members) {
        this.members = members;
    }

    public boolean isOurs() {
        return members == null || members.holds(NAME);
    }

    @Override
    public boolean matches(Exchange exchange) {
        return isOurs();
    }

    @Override
    public String toString() {
        return "keeps the webhook registered";
    }
}
