package org.routingbridge.simulator;

import java.time.Instant;
import java.util.List;

/**
 * A PutEvents call as it arrived, whatever became of it.
 *
 * @param number   counted from 1
 * @param entries  how many entries it had
 * @param bytes    their size together by AWS's formula
 * @param at       when it was complete
 * @param nanoTime the same by {@link System#nanoTime()}, to measure the gap between two calls
 * @param parsed   whether its body could be read
 * @param eventIds {@code detail.id} of each entry, empty where there is none
 * @param fault    the fault that the whole call was given, null for none
 */
public record PutCall(int number, int entries, long bytes, Instant at, long nanoTime, boolean parsed,
                      List<String> eventIds, Fault fault) {
}
