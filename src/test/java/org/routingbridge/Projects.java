package org.routingbridge;

import java.nio.file.Path;

import org.routingbridge.routes.Project;
import org.routingbridge.settings.SettingsFile;

/** Projects as the bridge checks them, for tests outside of its package. */
public final class Projects {

    private Projects() {
    }

    /** With the bridge's beans and components. */
    public static Project of(Path routes, SettingsFile settings) {
        return BridgeApplication.project(routes, settings);
    }
}
