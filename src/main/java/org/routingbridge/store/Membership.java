package org.routingbridge.store;

import java.util.Set;
import java.util.UUID;

/** Who shares the store: this bridge, and those beside it that have been heard of lately. */
public interface Membership {

    /** This process, from its start to its end. */
    UUID instance();

    /** Those that count as alive, as they were last read; this one is among them while it {@link #isIn}. */
    Set<UUID> live();

    /** Those of the live ones that can publish what waits, so far as they know, as they were last read. */
    Set<UUID> publishing();

    /** Whether this bridge can, so far as it knows now. */
    boolean publishes();

    /**
     * Whether the others still count on this bridge: its own sign of life is young enough, by the monotonic clock. One
     * that is out does nothing of which only one bridge may do it.
     */
    boolean isIn();
}
