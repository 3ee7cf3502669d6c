package org.routingbridge.simulator;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for what has to know its port before it listens. They lie below those that systems give to outgoing
 * connections, one of which could otherwise take a port between the choice and its use.
 */
public final class FreePorts {

    private static final int FIRST = 10_000;
    private static final int LAST = 30_000;

    private FreePorts() {
    }

    /** So many, each another one, that nobody listens on now. */
    public static int[] choose(int count) {
        Set<Integer> ports = new TreeSet<>();
        while (ports.size() < count) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (isFree(port)) {
                ports.add(port);
            }
        }
        return ports.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
