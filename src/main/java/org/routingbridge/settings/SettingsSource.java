package org.routingbridge.settings;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

import org.apache.camel.Ordered;
import org.apache.camel.spi.PropertiesSource;

/**
 * Where the text of a {@code bridge.} setting comes from: {@code -Dname=value}, then the environment, then
 * {@code application.properties} in the working directory, then the default. An empty value counts as absent
 * (contract, sections 1 and 2). Camel finds this source by its service file, so that {@code {{bridge.…}}} means the
 * same in the routes, in the packaged application and under Camel JBang.
 */
public final class SettingsSource implements PropertiesSource, Ordered {

    static final Path FILE = Path.of("application.properties");

    private final Properties system;
    private final Map<String, String> environment;
    private final Properties file;

    public SettingsSource() {
        this(System.getProperties(), System.getenv(), read(FILE));
    }

    SettingsSource(Properties system, Map<String, String> environment, Properties file) {
        this.system = system;
        this.environment = environment;
        this.file = file;
    }

    private static Properties read(Path path) {
        Properties properties = new Properties();
        if (Files.isRegularFile(path)) {
            try (Reader reader = Files.newBufferedReader(path)) {
                properties.load(reader);
            } catch (IOException e) {
                throw new UncheckedIOException(path + " cannot be read", e);
            }
        }
        return properties;
    }

    @Override
    public String getName() {
        return "bridge-settings";
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST;
    }

    /**
     * The setting's text, or null where the key is not one of the bridge's settings or has neither value nor default.
     */
    @Override
    public String getProperty(String name) {
        Setting setting = Settings.TABLE.get(name);
        if (setting == null) {
            return null;
        }
        String value = setting.textOf(system.getProperty(name));
        if (value == null) {
            String variable = environment.get(setting.environment());
            value = variable == null || variable.isBlank() ? null : setting.textOf(variable);
        }
        if (value == null) {
            value = setting.textOf(file.getProperty(name));
        }
        return value == null ? defaultOf(setting) : value;
    }

    private String defaultOf(Setting setting) {
        return setting.key().equals(Settings.CXONE_TOKEN_URL) ? getProperty(Settings.CXONE_BASE_URL) + "/oauth2/token"
                : setting.defaultValue();
    }

    /** Every {@code bridge.} key that was given as a property, known or not. */
    Set<String> givenKeys() {
        Set<String> keys = new TreeSet<>(system.stringPropertyNames());
        keys.addAll(file.stringPropertyNames());
        keys.removeIf(key -> !key.startsWith("bridge."));
        return keys;
    }
}
