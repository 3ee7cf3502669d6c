package org.routingbridge.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {

    private final JsonReader reader = new JsonReader();

    private UnvalidatedEvent read(byte[] body) {
        return reader.read(new Delivery(name -> null, body, EventsForTests.RECEIVED_AT));
    }

    private UnvalidatedEvent read(String body) {
        return read(body.getBytes(StandardCharsets.UTF_8));
    }

    private Refused refusalOf(byte[] body) {
        return catchThrowableOfType(Refused.class, () -> read(body));
    }

    private void assertMalformed(byte[] body) {
        Refused refused = refusalOf(body);
        assertThat(refused).isNotNull();
        assertThat(refused.refusal()).isEqualTo(Refusal.MALFORMED_JSON);
    }

    private void assertMalformed(String body) {
        assertMalformed(body.getBytes(StandardCharsets.UTF_8));
    }

    private static String nested(int levels) {
        return "{\"a\":".repeat(levels - 1) + "{}" + "}".repeat(levels - 1);
    }

    @Test
    void whatIsReadKeepsTheReceivedText() {
        // Given
        String body = " {\"id\":\"x\" ,\"n\":1.50e+1,\"u\":\"\\u0041\"}\n";

        // When
        UnvalidatedEvent event = read(body);

        // Then
        assertThat(event.text()).isEqualTo(body);
        assertThat(event.json().path("id").textValue()).isEqualTo("x");
        assertThat(event.receivedAt()).isEqualTo(EventsForTests.RECEIVED_AT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n\t", "{", "}", "{\"a\":1,}", "[1,]", "{a:1}", "{'a':1}", "{\"a\":01}",
        "{\"a\":.5}", "{\"a\":1.}", "{\"a\":+1}", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":0x1}", "{\"a\":True}",
        "{\"a\":1} x", "{\"a\":1}{}", "{} 1", "// c\n{}", "{/**/}", "{\"a\" 1}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
        "{\"a\":\"\n\"}", "{\"a\":\"\t\"}", "{\"a\":\"b}", "{\"a\":1,\"a\":2}", "{\"b\":{\"a\":1,\"\\u0061\":2}}",
        "{\"b\":[{\"a\":1,\"a\":1}]}", "{}\u0000", "\u00a0{}", "{\u2003}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":tru}"})
    void whatIsNotWellFormedIsRefused(String body) {
        // When, Then
        assertMalformed(body);
    }

    @ParameterizedTest
    @ValueSource(strings = {"efbbbf7b7d", "fffe7b007d00", "feff007b007d", "7b007d00", "7b22ff223a317d",
        "7b2261223a22c328227d", "7b2261223a22c080227d", "7b2261223a22eda080227d", "7b2261223a22f8888080227d",
        "7b2261223a22f09f98227d"})
    void whatIsNotUtf8WithoutAMarkIsRefused(String hex) {
        // When, Then
        assertMalformed(HexFormat.of().parseHex(hex));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "1", "\"x\"", "null", "true", " \r\n\t{ } ", "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00x\"}", "{\"\":1}", "{\"a\":-0}", "{\"a\":1E400}", "{\"a\":1e-400}", "{\"a\":\"\\/\\b\\f\"}",
        "{\"a\":\"\u007f\u2028\"}", "{\"a\":1,\"A\":2}", "{\"a\":\"\uFEFF\"}"})
    void oddButWellFormedJsonPasses(String body) {
        // When, Then
        assertThat(read(body).text()).isEqualTo(body);
    }

    @Test
    void twoHundredLevelsPass() {
        // When, Then
        assertThat(read(nested(200)).json().isObject()).isTrue();
    }

    @Test
    void twoHundredAndOneLevelsAreRefused() {
        // When, Then
        assertMalformed(nested(201));
    }

    @Test
    void levelsOfArraysCountToo() {
        // When, Then
        assertMalformed("{\"a\":" + "[".repeat(200) + "]".repeat(200) + "}");
    }

    @Test
    void aBottomlessBodyIsRefusedWithoutAStackOverflow() {
        // When, Then
        assertMalformed("[".repeat(300_000));
    }

    @Test
    void aNumberOfAThousandCharactersPasses() {
        // When, Then
        assertThat(read("{\"a\":" + "1".repeat(1000) + "}").json().path("a").isNumber()).isTrue();
    }

    @Test
    void aNumberOfAThousandAndOneCharactersIsRefused() {
        // When, Then
        assertMalformed("{\"a\":" + "1".repeat(1001) + "}");
    }

    @Test
    void theSignCountsAmongANumbersCharacters() {
        // When, Then
        assertMalformed("{\"a\":-" + "1".repeat(1000) + "}");
    }

    @Test
    void escapesDoNotHideWhereAStringEnds() {
        // Given
        String number = "-" + "1".repeat(1000);

        // When, Then
        assertThat(read("{\"a\":\"\\\"" + number + "\"}").json().path("a").textValue()).endsWith(number);
        assertMalformed("{\"a\":\"\\\\\",\"b\":" + number + "}");
    }

    @Test
    void thePointCountsAmongANumbersCharacters() {
        // When, Then
        assertMalformed("{\"a\":1." + "1".repeat(999) + "}");
    }

    @Test
    void theExponentCountsAmongANumbersCharacters() {
        // When, Then
        assertMalformed("{\"a\":1e+" + "1".repeat(998) + "}");
    }

    @Test
    void aLongNameAndALongStringPass() {
        // When, Then
        assertThat(read("{\"" + "n".repeat(100_000) + "\":\"" + "s".repeat(200_000) + "\"}").json().size())
                .isEqualTo(1);
    }

    @Test
    void theMessageSaysWhereAndQuotesNothing() {
        // When
        Refused refused = refusalOf("{\"customer\":\"Jane\",\n nope}".getBytes(StandardCharsets.UTF_8));

        // Then
        assertThat(refused.getMessage()).contains("line 2")
                .doesNotContain("Jane", "nope", "com.fasterxml", "Exception");
    }
}
