package org.routingbridge.settings;

import java.util.Map;
import java.util.Properties;

/** Checked settings for the unit tests of other packages: what is required is given, registration is on. */
public final class SettingsForTests {

    /** The webhook's secret. */
    public static final String SECRET = "a-secret-for-unit-tests";

    private SettingsForTests() {
    }

    /** With these settings, each a property's name and its value one after the other. */
    public static Settings with(String... keysAndValues) {
        Properties properties = required();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.setProperty(keysAndValues[i], keysAndValues[i + 1]);
        }
        return Settings.read(new SettingsSource(new Properties(), Map.of(), properties));
    }

    /** The smallest file that the bridge starts with. */
    static Properties required() {
        Properties properties = new Properties();
        properties.setProperty("bridge.webhook.secret", SECRET);
        properties.setProperty("bridge.aws.region", "eu-central-1");
        properties.setProperty("bridge.eventbridge.bus", "bus");
        properties.setProperty("bridge.cxone.client.id", "client");
        properties.setProperty("bridge.cxone.client.secret", "client-secret");
        properties.setProperty("bridge.public.url", "https://bridge.example.com/webhook/routing-events");
        return properties;
    }
}
