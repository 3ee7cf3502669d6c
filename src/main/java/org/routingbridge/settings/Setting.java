package org.routingbridge.settings;

import java.util.Optional;
import java.util.function.Function;

import org.routingbridge.failure.FailureText;

/**
 * One row of the settings table (contract, section 2).
 *
 * @param key          the property, {@code bridge.…}
 * @param environment  the environment variable that sets it
 * @param defaultValue the text that stands for an absent or empty value; null where there is none
 * @param example      a value that would be accepted, shown to who gave a wrong one
 * @param shown        how much of its value others may see
 * @param emptyIsValue whether an empty property is a value of its own rather than an absent one
 * @param parser       text to value; throws {@link IllegalArgumentException} whose message ends the sentence "must …"
 */
record Setting(String key, String environment, String defaultValue, String example, Shown shown, boolean emptyIsValue,
               Function<String, Object> parser) {

    /** How much of a value is for other eyes. */
    enum Shown {
        /** All of it. */
        WHOLE,
        /** Of an address scheme, host and port: the rest of it may hold a password or a key. */
        ORIGIN,
        /** What stands before the parameters, which may hold a password; without a user. */
        WITHOUT_PARAMETERS,
        /** Whether there is one. */
        THAT_IT_IS_SET
    }

    static Setting of(String key, String defaultValue, String example, Function<String, Object> parser) {
        return new Setting(key, environmentName(key), defaultValue, example, Shown.WHOLE, false, parser);
    }

    Setting from(String environmentVariable) {
        return new Setting(key, environmentVariable, defaultValue, example, shown, emptyIsValue, parser);
    }

    Setting emptyIsAValue() {
        return new Setting(key, environment, defaultValue, example, shown, true, parser);
    }

    Setting secret() {
        return new Setting(key, environment, defaultValue, example, Shown.THAT_IT_IS_SET, emptyIsValue, parser);
    }

    Setting address() {
        return new Setting(key, environment, defaultValue, example, Shown.ORIGIN, emptyIsValue, parser);
    }

    Setting withoutParameters() {
        return new Setting(key, environment, defaultValue, example, Shown.WITHOUT_PARAMETERS, emptyIsValue, parser);
    }

    /** A text of it as others may see it. */
    String shown(String text) {
        if (text == null) {
            return "not set";
        }
        return switch (shown) {
            case WHOLE -> text;
            case ORIGIN -> {
                String origin = FailureText.origin(text);
                yield origin.equals(text) ? text : origin + "/...";
            }
            case WITHOUT_PARAMETERS -> text.replaceFirst("(?s)[?].*", "").replaceFirst("//[^/]*@", "//");
            case THAT_IT_IS_SET -> "set";
        };
    }

    /** The stripped text, a base URL without slashes at its end; null where it counts as absent. */
    String textOf(String value) {
        if (value == null || value.isBlank() && !emptyIsValue) {
            return null;
        }
        return key.endsWith(".base.url") ? value.strip().replaceAll("/+$", "") : value.strip();
    }

    /** What a value would have to do, in words that go on after "must"; none where it is right or counts as absent. */
    Optional<String> mistake(String value) {
        String text = textOf(value);
        try {
            return text == null || parser.apply(text) != null ? Optional.empty() : Optional.of("not be empty");
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
    }

    static String environmentName(String key) {
        return key.toUpperCase(java.util.Locale.ROOT).replace('.', '_');
    }

    /** The names by which an operator can set it: the variable, and the property. */
    String name() {
        return environment + " (" + key + ")";
    }
}
