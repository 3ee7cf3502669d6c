package org.routingbridge.cluster;

import java.time.Instant;
import java.util.UUID;

/**
 * A bridge on the shared store, as it was last heard of.
 *
 * @param name       its host and port
 * @param seenAt     by the database's clock
 * @param isLive     whether it counts as there
 * @param publishes  whether it can publish what waits, so far as it knows
 * @param accounting its numbers as JSON; null where it has told none yet
 */
public record Member(UUID instance, String name, Instant seenAt, boolean isLive, boolean publishes, String accounting) {
}
