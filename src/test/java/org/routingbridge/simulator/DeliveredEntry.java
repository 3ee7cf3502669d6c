package org.routingbridge.simulator;

import java.time.Instant;
import java.util.List;

/**
 * An entry that reached its bus.
 *
 * @param bus        the bus's name, also where the entry gave an ARN
 * @param time       the event's own time, null where the entry had none
 * @param detail     the exact text; empty where details are not kept
 * @param traceHeader as AWS X-Ray writes it, null where the entry had none
 * @param eventId    the id EventBridge gave it
 * @param callNumber which PutEvents call brought it, counted from 1
 * @param at         when it was taken
 */
public record DeliveredEntry(String bus, String source, String detailType, Instant time, String detail,
                             List<String> resources, String traceHeader, String eventId, int callNumber, Instant at) {
}
