package org.routingbridge.endurance;

import java.time.Duration;

/**
 * How the bridge is at one moment.
 *
 * @param at            since it was started
 * @param heapBytes     of Java's heap in use, what is waiting to be collected included
 * @param residentBytes of the process
 * @param threads       of the process
 * @param descriptors   files and connections that the process has open
 * @param logBytes      of the store's write-ahead log
 * @param pending       events in the outbox
 * @param notifications those that the data lake could not take yet
 * @param deadLetters   events and notifications
 * @param balanced      whether the books say so of themselves
 */
record Vitals(Duration at, long heapBytes, long residentBytes, int threads, int descriptors, long logBytes,
              long pending, long notifications, long deadLetters, boolean balanced) {
}
