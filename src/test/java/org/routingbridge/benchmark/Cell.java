package org.routingbridge.benchmark;

import java.time.Duration;

/**
 * One row of the table: a load, and how EventBridge is meanwhile.
 *
 * @param connections at once
 * @param perSecond   the rate of an open loop; 0: a closed one
 * @param bytes       of an event
 * @param busMillis   how long EventBridge takes
 * @param busAway     whether it answers 503
 */
record Cell(int connections, int perSecond, int bytes, int busMillis, boolean busAway) {

    static final int SMALL = 600;
    static final int LARGE = 65_536;

    static Cell closed(int connections, int busMillis) {
        return new Cell(connections, 0, SMALL, busMillis, false);
    }

    static Cell large(int connections, int busMillis) {
        return new Cell(connections, 0, LARGE, busMillis, false);
    }

    /** So many connections that none of them is waited for while the server keeps up. */
    static Cell open(int perSecond, int busMillis) {
        return new Cell(256, perSecond, SMALL, busMillis, false);
    }

    Cell away() {
        return new Cell(connections, perSecond, bytes, busMillis, true);
    }

    Load load(Duration warmUp, Duration measured) {
        return new Load(connections, perSecond, bytes, warmUp, measured, Long.MAX_VALUE);
    }

    String name() {
        return (perSecond > 0 ? perSecond + "/s" : connections + (connections == 1 ? " connection" : " connections"))
                + (bytes == SMALL ? "" : ", " + bytes / 1024 + " KB")
                + (busAway ? ", bus away" : ", " + busMillis + " ms");
    }
}
