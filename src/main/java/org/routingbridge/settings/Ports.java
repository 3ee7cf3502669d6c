package org.routingbridge.settings;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Looks whether the ports can be listened on before anything is started, so that the answer is one clear line. */
public final class Ports {

    private Ports() {
    }

    /**
     * @throws InvalidSettings where one of them cannot
     */
    public static void checkFree(Settings settings) {
        List<String> problems = new ArrayList<>();
        check("bridge.port", new InetSocketAddress(settings.port()), problems);
        if (isHostHere(settings, problems)) {
            check("bridge.management.port", new InetSocketAddress(settings.managementHost(), settings.managementPort()),
                    problems);
        }
        if (settings.port() == settings.managementPort()) {
            problems.add(Settings.nameOf("bridge.management.port") + ": is the webhook's port; example: 9876");
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettings(problems);
        }
    }

    private static void check(String key, InetSocketAddress address, List<String> problems) {
        String failure = failureToListen(address);
        if (failure != null) {
            problems.add(Settings.nameOf(key) + ": port " + address.getPort() + " cannot be listened on (" + failure
                    + "); stop what uses it, or set another one; example: " + (address.getPort() + 1));
        }
    }

    /** Where no port at all can be listened on, it is the host that is wrong. */
    private static boolean isHostHere(Settings settings, List<String> problems) {
        InetSocketAddress anyPort = new InetSocketAddress(settings.managementHost(), 0);
        String failure = anyPort.isUnresolved() ? "unknown host" : failureToListen(anyPort);
        if (failure != null) {
            problems.add(Settings.nameOf("bridge.management.host") + ": must be a name or address of this machine ("
                    + failure + "); example: 127.0.0.1");
        }
        return failure == null;
    }

    private static String failureToListen(InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
            return null;
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
