package org.routingbridge.settings;

/**
 * The form of the application log (contract, section 2), which {@code log4j2.xml} chooses by a system property when the
 * first logger is made. Under Camel JBang the log is Camel's own.
 */
public final class LogFormat {

    private static final String KEY = "bridge.log.format";

    private LogFormat() {
    }

    /** To be called before any class of Camel's is loaded. What is wrong is told with the other settings. */
    public static void apply() {
        try {
            System.setProperty(KEY, new SettingsSource().getProperty(KEY));
        } catch (RuntimeException e) {
            // the file cannot be read, which stops the start a little later
            System.clearProperty(KEY);
        }
    }
}
