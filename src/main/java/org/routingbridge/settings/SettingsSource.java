package org.routingbridge.settings;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

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

    private static final Pattern MARK = Pattern.compile("(?m)^\\uFEFF+");
    /** What Kubernetes gives to every container where a service is called {@code bridge}. */
    private static final Pattern OF_KUBERNETES = Pattern.compile(
            "BRIDGE_SERVICE_HOST|BRIDGE_SERVICE_PORT(_\\w+)?|BRIDGE_PORT_\\d+_(TCP|UDP)(_\\w+)?");
    /** A name without our prefix is taken for one of ours where it is long and differs in so many letters. */
    private static final int LONG_NAME = 10;
    private static final int SLIPS = 2;

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

    static Properties read(Path path) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text(path)));
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
        return properties;
    }

    /** Empty where there is no such file. */
    static String text(Path path) {
        try {
            // editors put a byte order mark before the first line, and a file appended to another brings its own
            return Files.isRegularFile(path) ? MARK.matcher(Files.readString(path)).replaceAll("") : "";
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
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

    /** A line for each environment variable that looks as if it were meant for the bridge, which does not read it. */
    List<String> warnings() {
        return environment.keySet().stream().sorted().flatMap(variable -> meant(variable).stream().map(setting ->
                variable + ": is not a variable that the bridge reads; perhaps " + setting.name() + " was meant"))
                .toList();
    }

    /** The setting that was meant by a variable, where it is likely that one was. */
    private static Optional<Setting> meant(String variable) {
        String name = variable.toUpperCase(Locale.ROOT);
        if (Settings.TABLE.values().stream().anyMatch(setting -> setting.environment().equals(variable))
                || OF_KUBERNETES.matcher(name).matches()) {
            return Optional.empty();
        }
        Optional<Setting> byProperty = Settings.TABLE.values().stream()
                .filter(setting -> Setting.environmentName(setting.key()).equals(name)).findFirst();
        if (byProperty.isPresent()) {
            return byProperty;
        }
        return Settings.TABLE.values().stream()
                .min(Comparator.comparingInt(setting -> Slips.between(name, setting.environment())))
                .filter(setting -> name.startsWith("BRIDGE_") || name.length() >= LONG_NAME
                        && Slips.between(name, setting.environment()) <= SLIPS);
    }

    /** Every {@code bridge.} key that was given as a property, known or not. */
    Set<String> givenKeys() {
        Set<String> keys = new TreeSet<>(system.stringPropertyNames());
        keys.addAll(file.stringPropertyNames());
        keys.removeIf(key -> !key.startsWith("bridge."));
        return keys;
    }
}
