package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;

class OversizeChunkerTest {

    private static List<String> cut(String text, int room) {
        return OversizeChunker.cut(text, count -> room).orElseThrow();
    }

    @Test
    void slicesAreFilledUpToTheirRoom() {
        // When, Then
        assertThat(cut("abcdefgh", 3)).containsExactly("abc", "def", "gh");
    }

    @Test
    void whatIsEscapedTakesMoreRoom() {
        // When, Then
        assertThat(cut("a\"\\bc", 3)).containsExactly("a\"", "\\b", "c");
        assertThat(cut("\u0001ab", 7)).containsExactly("\u0001a", "b");
    }

    @Test
    void aPairIsNotCutApart() {
        // When, Then
        assertThat(cut("a😀😀b", 6)).containsExactly("a😀", "😀b");
    }

    @Test
    void withoutRoomForACharacterThereIsNoCut() {
        // When, Then
        assertThat(OversizeChunker.cut("ab😀", count -> 3)).isEmpty();
        assertThat(OversizeChunker.cut("ab", count -> 0)).isEmpty();
        assertThat(OversizeChunker.cut("ab", count -> -5)).isEmpty();
    }

    @Test
    void theCountsOwnDigitsAreAllowedFor() {
        // Given
        String text = "x".repeat(100);

        // When
        List<String> chunks = OversizeChunker.cut(text, count -> 12 - Integer.toString(count).length()).orElseThrow();

        // Then
        assertThat(chunks).hasSize(10).allSatisfy(chunk -> assertThat(chunk).hasSize(10));
        assertThat(String.join("", chunks)).isEqualTo(text);
    }

    @Test
    void nineChunksNeedOneDigit() {
        // When, Then
        assertThat(OversizeChunker.cut("x".repeat(99), count -> 12 - Integer.toString(count).length()).orElseThrow())
                .hasSize(9).allSatisfy(chunk -> assertThat(chunk).hasSize(11));
    }
}
