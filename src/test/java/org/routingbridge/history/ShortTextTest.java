package org.routingbridge.history;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShortTextTest {

    private final ShortText text = new ShortText();

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "0b51b6a5-6c1d-4b0e-9f27-0123456789ab", "naïve ÿ", "…", "日本",
            "exactly forty characters: 0123456789012", "one more than forty characters: 012345678"})
    void whatIsKeptIsWhatWasGiven(String given) {
        // Given
        text.set("something else before");

        // When
        text.set(given);

        // Then
        assertThat(text.get()).isEqualTo(given);
        assertThat(text.isNone()).isFalse();
        assertThat(text.is(given)).isTrue();
        assertThat(text.is(given + "x")).isFalse();
        assertThat(text.is("x" + given)).isFalse();
        assertThat(text.startsWith(given.substring(0, given.length() / 2))).isTrue();
        assertThat(text.startsWith(given + "x")).isFalse();
        assertThat(text.startsWith("x" + given)).isFalse();
    }

    @Test
    void charactersWhoseLastBytesAreAlikeAreNot() {
        // When
        text.set("aa");

        // Then
        assertThat(text.is("a\u0161")).isFalse();
        assertThat(text.startsWith("\u0161")).isFalse();
    }

    @Test
    void noTextIsNone() {
        // Given
        text.set("something before");

        // When
        text.set(null);

        // Then
        assertThat(text.isNone()).isTrue();
        assertThat(text.get()).isNull();
        assertThat(text.is("something before")).isFalse();
        assertThat(text.startsWith("")).isFalse();
    }
}
