package org.routingbridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;

class TerminalTextTest {

    /** Each of them does something to a terminal: colours, lines, a title, the direction, what is not seen. */
    private static final String HOSTILE = "a\u001b[31mb\r\nc\u0007d\u202ee\u200bf\u009b1mg\u2028h\u0000i\ud800j\ue000k";

    @Test
    void whatATerminalWouldObeyIsShown() {
        // When
        String line = TerminalText.line(HOSTILE);

        // Then
        assertThat(line).isEqualTo("a\\u001b[31mb\\u000d\\u000ac\\u0007d\\u202ee\\u200bf\\u009b1mg\\u2028h\\u0000i"
                + "\\ud800j\\ue000k");
    }

    @Test
    void whatPeopleWriteStaysAsItIs() {
        // Given
        String text = "Warteschlange „Größe“ 日本 🙂 C:\\x";

        // Then
        assertThat(TerminalText.line(text)).isEqualTo(text);
    }

    @Test
    void nobodyReadsWithoutEnd() {
        // When
        String line = TerminalText.line("🙂".repeat(30), 20);

        // Then
        assertThat(line).isEqualTo("🙂".repeat(8) + "...");
    }

    @Test
    void jsonMeansWhatItMeantInAsciiAlone() throws Exception {
        // Given
        JsonMapper json = new JsonMapper();
        String text = json.writeValueAsString(HOSTILE.replace("\ud800", "") + "ä🙂");

        // When
        String escaped = TerminalText.json(text);

        // Then
        assertThat(escaped).isPrintable().isASCII();
        assertThat(json.readTree(escaped)).isEqualTo(json.readTree(text));
    }
}
