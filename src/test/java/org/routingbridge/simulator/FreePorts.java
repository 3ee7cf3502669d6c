package org.routingbridge.simulator;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for what has to know its port before it listens. They lie below those that systems give to outgoing
 * connections, one of which could otherwise take a port between the choice and its use. Each process that the build
 * forks for its tests has ports of its own ({@code bridges.fork}), and gives none twice in a long while.
 */
public final class FreePorts {

    private static final int FIRST = 10_000;
    private static final int OF_A_FORK = 1_250;
    private static final int FORKS = 16;
    private static final int FORK = Integer.parseInt("0"
            + System.getProperty("bridges.fork", "").replaceAll("\\D", ""));
    private static final int OURS = FIRST + FORK % FORKS * OF_A_FORK;
    private static final AtomicInteger NEXT = new AtomicInteger(ThreadLocalRandom.current().nextInt(OF_A_FORK));

    private FreePorts() {
    }

    /** So many, each another one, that nobody listens on now. */
    public static int[] choose(int count) {
        int[] ports = new int[count];
        for (int i = 0; i < count; i++) {
            do {
                ports[i] = OURS + Math.floorMod(NEXT.getAndIncrement(), OF_A_FORK);
            } while (!isFree(ports[i]));
        }
        return ports;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
