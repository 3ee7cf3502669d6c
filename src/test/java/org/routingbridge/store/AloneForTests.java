package org.routingbridge.store;

import java.util.Set;
import java.util.UUID;

/** A bridge that knows of no other. */
public record AloneForTests(UUID instance) implements Membership {

    @Override
    public Set<UUID> live() {
        return Set.of(instance);
    }

    @Override
    public Set<UUID> publishing() {
        return live();
    }

    @Override
    public boolean publishes() {
        return true;
    }

    @Override
    public boolean isIn() {
        return true;
    }
}
