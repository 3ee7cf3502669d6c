package org.routingbridge.eventbridge;

import java.time.Instant;
import java.util.List;

import org.routingbridge.event.RoutingEvent;

/**
 * One attempt to publish an event, ended or given up on.
 *
 * @param event   which
 * @param number  1 for the first
 * @param results what EventBridge said: one, or two where the event was refused in company and then sent alone
 * @param endedAt when the last answer came
 */
public record PublishAttempt(RoutingEvent event, int number, List<PutResult> results, Instant endedAt) {

    public PutResult result() {
        return results.get(results.size() - 1);
    }
}
