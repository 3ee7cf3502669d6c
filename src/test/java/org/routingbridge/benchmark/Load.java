package org.routingbridge.benchmark;

import java.time.Duration;

/**
 * What a server is put under.
 *
 * @param connections how many, each with one request at a time
 * @param perSecond   events that are due a second, whether or not the server keeps up; 0: each connection sends its
 *                    next event as soon as it has its reply
 * @param bytes       of an event
 * @param warmUp      not counted, at the beginning
 * @param measured    counted, after that
 * @param atMost      events in all
 */
record Load(int connections, int perSecond, int bytes, Duration warmUp, Duration measured, long atMost) {

    static Load closed(int connections, int bytes, Duration warmUp, Duration measured) {
        return new Load(connections, 0, bytes, warmUp, measured, Long.MAX_VALUE);
    }

    static Load open(int perSecond, int connections, int bytes, Duration warmUp, Duration measured) {
        return new Load(connections, perSecond, bytes, warmUp, measured, Long.MAX_VALUE);
    }

    boolean isOpen() {
        return perSecond > 0;
    }
}
