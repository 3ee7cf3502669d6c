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
        check("bridge.management.port", new InetSocketAddress(settings.managementHost(), settings.managementPort()),
                problems);
        if (settings.port() == settings.managementPort()) {
            problems.add(Settings.nameOf("bridge.management.port") + ": is the webhook's port; example: 9876");
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettings(problems);
        }
    }

    private static void check(String key, InetSocketAddress address, List<String> problems) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
        } catch (IOException e) {
            problems.add(Settings.nameOf(key) + ": port " + address.getPort() + " cannot be listened on ("
                    + e.getMessage() + "); stop what uses it, or set another one; example: " + (address.getPort() + 1));
        }
    }
}
