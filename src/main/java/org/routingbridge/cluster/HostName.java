package org.routingbridge.cluster;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** What this machine, or container, is called. */
final class HostName {

    private HostName() {
    }

    static String get() {
        return Optional.ofNullable(System.getenv("HOSTNAME")).filter(name -> !name.isBlank())
                .orElseGet(HostName::ofNetwork);
    }

    private static String ofNetwork() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
