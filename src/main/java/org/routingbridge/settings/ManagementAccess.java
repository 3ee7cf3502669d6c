package org.routingbridge.settings;

/**
 * How a bridge that runs is asked: all that is needed of the settings for it, so that who asks need not have the
 * others.
 *
 * @param host  that the management port listens on
 * @param token of the operators; null where nobody is asked for one
 */
public record ManagementAccess(String host, int port, String token) {

    /**
     * Reads what the process was given.
     *
     * @throws InvalidSettings with one line for each of these settings that is wrong
     */
    public static ManagementAccess load() {
        Settings settings = Settings.loadSome("bridge.management.host", "bridge.management.port", "bridge.ops.token");
        return of(settings);
    }

    /** Out of settings that were read. */
    public static ManagementAccess of(Settings settings) {
        return new ManagementAccess(settings.managementHost(), settings.managementPort(), settings.operatorsToken());
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "ManagementAccess[" + host + ":" + port + "]";
    }
}
