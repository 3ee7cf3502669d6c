package org.routingbridge.settings;

import java.util.function.Function;

/**
 * One row of the settings table (contract, section 2).
 *
 * @param key          the property, {@code bridge.…}
 * @param environment  the environment variable that sets it
 * @param defaultValue the text that stands for an absent or empty value; null where there is none
 * @param example      a value that would be accepted, shown to who gave a wrong one
 * @param emptyIsValue whether an empty property is a value of its own rather than an absent one
 * @param parser       text to value; throws {@link IllegalArgumentException} whose message ends the sentence "must …"
 */
record Setting(String key, String environment, String defaultValue, String example, boolean emptyIsValue,
               Function<String, Object> parser) {

    static Setting of(String key, String defaultValue, String example, Function<String, Object> parser) {
        return new Setting(key, environmentName(key), defaultValue, example, false, parser);
    }

    Setting from(String environmentVariable) {
        return new Setting(key, environmentVariable, defaultValue, example, emptyIsValue, parser);
    }

    Setting emptyIsAValue() {
        return new Setting(key, environment, defaultValue, example, true, parser);
    }

    /** The stripped text, a base URL without slashes at its end; null where it counts as absent. */
    String textOf(String value) {
        if (value == null || value.isBlank() && !emptyIsValue) {
            return null;
        }
        return key.endsWith(".base.url") ? value.strip().replaceAll("/+$", "") : value.strip();
    }

    static String environmentName(String key) {
        return key.toUpperCase(java.util.Locale.ROOT).replace('.', '_');
    }

    /** The names by which an operator can set it: the variable, and the property. */
    String name() {
        return environment + " (" + key + ")";
    }
}
