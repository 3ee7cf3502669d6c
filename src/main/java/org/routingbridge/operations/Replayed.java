package org.routingbridge.operations;

/** How many were put back. */
public record Replayed(int replayed) {
}
