package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntrySizeTest {

    @Test
    void timeCountsFourteenBytes() {
        // When, Then
        assertThat(EntrySize.of("", "", 0)).isEqualTo(14);
    }

    @Test
    void sourceAndTypeCountInUtf8AndTheDetailAsItIs() {
        // When, Then
        assertThat(EntrySize.of("é", "日本", 100)).isEqualTo(14 + 2 + 6 + 100);
    }

    @ParameterizedTest
    @CsvSource({"a, 1", "\u007f, 1", "\u0080, 2", "é, 2", "\u07ff, 2", "\u0800, 3", "日, 3", "\uffff, 3", "😀, 4",
            "𝄞, 4"})
    void eachCharacterHasItsUtf8Length(String character, int bytes) {
        // When, Then
        assertThat(EntrySize.utf8Length("x" + character + "y")).isEqualTo(2 + bytes);
    }

    @Property(tries = 1_000)
    void theLengthIsThatOfTheEncodedText(@ForAll("texts") String text) {
        // When, Then
        assertThat(EntrySize.utf8Length(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
    }

    @Property(tries = 1_000)
    void theJsonLengthIsThatOfTheWrittenString(@ForAll("texts") String text) throws JsonProcessingException {
        // Given
        String whole = text.replaceAll("[\uD800-\uDFFF]", "😀");

        // When
        int length = EntrySize.jsonLength("ab" + whole + "c", 2, 2 + whole.length());

        // Then
        int quotes = 2;
        assertThat(length + quotes).isEqualTo(EntrySize.utf8Length(new JsonMapper().writeValueAsString(whole)));
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings().withChars("aé日😀\"\\/\n\t\u0000\u001f\u007f\u2028\uD83D\uDE00\uFFFF")
                .ofMaxLength(30);
    }
}
