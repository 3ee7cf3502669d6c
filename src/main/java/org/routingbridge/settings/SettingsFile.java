package org.routingbridge.settings;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** {@code application.properties} as it is written: where each key stands, and what is wrong with it. */
public final class SettingsFile {

    private static final String OURS = "bridge.";

    private final Map<String, String> values = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new TreeMap<>();
    private final Map<String, Integer> again = new TreeMap<>();
    private final SettingsSource source;

    private SettingsFile(String text, SettingsSource source) {
        this.source = source;
        StringBuilder entry = new StringBuilder();
        int line = 0;
        int begin = 0;
        for (String each : text.lines().toList()) {
            line++;
            begin = entry.isEmpty() ? line : begin;
            entry.append(each).append('\n');
            if (!goesOn(each) || isComment(entry)) {
                add(entry.toString(), begin);
                entry.setLength(0);
            }
        }
        add(entry.toString(), begin);
    }

    /**
     * With what this process was given beside the file, as at a start.
     *
     * @throws UncheckedIOException where it cannot be read
     */
    public static SettingsFile ofThisProcess() {
        return new SettingsFile(SettingsSource.text(SettingsSource.FILE), new SettingsSource());
    }

    /**
     * By itself, whatever this process was given.
     *
     * @throws UncheckedIOException where it cannot be read
     */
    public static SettingsFile alone(Path file) {
        return new SettingsFile(SettingsSource.text(file),
                new SettingsSource(new Properties(), Map.of(), SettingsSource.read(file)));
    }

    /** A line that ends in an odd number of backslashes goes on in the next one. */
    private static boolean goesOn(String line) {
        int backslashes = 0;
        while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    private static boolean isComment(CharSequence entry) {
        String text = entry.toString().stripLeading();
        return text.startsWith("#") || text.startsWith("!");
    }

    private void add(String entry, int line) {
        Properties one = new Properties();
        try {
            one.load(new StringReader(entry));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String key : one.stringPropertyNames()) {
            values.put(key, one.getProperty(key));
            if (lines.putIfAbsent(key, line) != null) {
                again.put(key, line);
            }
        }
    }

    /** The line of a key that is there, from 1. */
    public int line(String key) {
        return lines.get(key);
    }

    /** A key that stands there once more, with the line of that. */
    public Map<String, Integer> again() {
        return again;
    }

    /** Every key that is there, with its value. */
    public Map<String, String> values() {
        return values;
    }

    /** What is there and no setting of the bridge's. */
    public Map<String, String> others() {
        Map<String, String> others = new TreeMap<>(values);
        others.keySet().removeIf(key -> key.startsWith(OURS));
        return others;
    }

    /** What a property is for a route; a setting that has no value yet is its example. Null where there is none. */
    public String value(String key) {
        Setting setting = Settings.TABLE.get(key);
        if (setting == null) {
            return values.get(key);
        }
        String value = source.getProperty(key);
        return value == null ? setting.example() : value;
    }

    /** Every property that there is or may be. */
    public Collection<String> keys() {
        Collection<String> keys = new TreeSet<>(Settings.TABLE.keySet());
        keys.addAll(values.keySet());
        return keys;
    }

    /** Tells what is wrong with the bridge's settings in the file, key by key; what is missing is no mistake of it. */
    public void mistakes(BiConsumer<String, String> mistakes) {
        values.forEach((key, value) -> {
            Setting setting = Settings.TABLE.get(key);
            if (setting == null) {
                if (key.startsWith(OURS)) {
                    mistakes.accept(key, Settings.unknown(key));
                }
                return;
            }
            setting.mistake(value).ifPresent(what ->
                    mistakes.accept(key, "must " + what + "; example: " + setting.example()));
        });
    }
}
