package org.routingbridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {

    private static Arguments read(String... words) {
        return new Arguments(List.of(words), Set.of("--json"), Set.of("-n", "--queue"));
    }

    @Test
    void optionsMayStandAnywhereAndTheRestIsInOrder() {
        // When
        Arguments arguments = read("one", "--json", "-n", "5", "-", "--queue=a=b", "--", "--json");

        // Then
        assertThat(arguments.has("--json")).isTrue();
        assertThat(arguments.number("-n", 0, 10, 1)).isEqualTo(5);
        assertThat(arguments.value("--queue")).isEqualTo("a=b");
        assertThat(arguments.rest(0, 3, "")).containsExactly("one", "-", "--json");
    }

    @ParameterizedTest
    @CsvSource({
        "--jsn, --jsn is no option of it",
        "--json=yes, --json=yes is no option of it",
        "-n, -n needs a value",
        "--json --json, --json is given twice"})
    void whatIsNoOptionIsTold(String words, String message) {
        assertThatThrownBy(() -> read(words.split(" "))).isInstanceOf(WrongUse.class).hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource({"11", "-1", "x", "99999999999", "''"})
    void aNumberHasItsBounds(String text) {
        assertThatThrownBy(() -> read("-n", text).number("-n", 0, 10, 1)).isInstanceOf(WrongUse.class)
                .hasMessageStartingWith("-n is a whole number from 0 to 10");
    }

    @Test
    void tooMuchIsTold() {
        assertThatThrownBy(() -> read("one", "two").rest(1, 1, "one file")).isInstanceOf(WrongUse.class)
                .hasMessage("takes one file; see --help");
    }
}
