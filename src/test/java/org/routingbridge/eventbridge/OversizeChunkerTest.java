package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
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

    @Property(tries = 1_000)
    void anyTextIsItsSlicesInTheirOrderAndEachFitsItsRoom(@ForAll @NotEmpty String text,
                                                          @ForAll @IntRange(max = 80) int room) {
        // When
        Optional<List<String>> slices = OversizeChunker.cut(text, count -> room - Integer.toString(count).length());

        // Then
        int longestCharacter = 6;
        int mostDigits = 3;
        assertThat(slices.isPresent() || room < longestCharacter + mostDigits).isTrue();
        slices.ifPresent(some -> {
            assertThat(String.join("", some)).isEqualTo(text);
            int digits = Integer.toString(some.size()).length();
            assertThat(some).allSatisfy(slice -> assertThat(jsonBytes(slice)).isLessThanOrEqualTo(room - digits));
        });
    }

    /** As another writer has it, without the quotes; it writes a lone surrogate as an escape too. */
    private static int jsonBytes(String text) {
        try {
            return new JsonMapper().writeValueAsString(text).getBytes(StandardCharsets.UTF_8).length - 2;
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
