package org.routingbridge.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.event.JsonSlices.Member;

class JsonSlicesTest {

    @Test
    void membersAreFoundWithTheirValuesToTheLetter() {
        // Given
        String text = " {\n \"a\" : 1.0e+00 , \"b\":\"x\\\"},\" ,"
                + "\"c\" :[1, {\"d\":\"]\"} ] , \"e\":{\"f\" : {} } , \"g\":null}\t";
        JsonSlices slices = new JsonSlices(text);

        // When
        List<Member> members = slices.members();

        // Then
        assertThat(members).extracting(Member::name).containsExactly("a", "b", "c", "e", "g");
        assertThat(members).extracting(slices::value)
                .containsExactly("1.0e+00", "\"x\\\"},\"", "[1, {\"d\":\"]\"} ]", "{\"f\" : {} }", "null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", " { } ", "\r\n{\t}\n"})
    void anEmptyObjectHasNoMembers(String text) {
        // When, Then
        assertThat(new JsonSlices(text).members()).isEmpty();
    }

    @Test
    void namesAreDecoded() {
        // Given
        JsonSlices slices = new JsonSlices("{\"routing\\u0043ontext\":{},\"\\n\\\"\":2,\"\":3}");

        // When, Then
        assertThat(slices.members()).extracting(Member::name).containsExactly("routingContext", "\n\"", "");
        assertThat(slices.member("routingContext")).isPresent();
        assertThat(slices.member("other")).isEmpty();
    }

    @Test
    void aBackslashAtTheEndOfAStringDoesNotHideItsQuote() {
        // Given
        JsonSlices slices = new JsonSlices("{\"a\":\"x\\\\\",\"b\":\"\\\\\\\"\",\"c\":1}");

        // When, Then
        assertThat(slices.members()).extracting(slices::value).containsExactly("\"x\\\\\"", "\"\\\\\\\"\"", "1");
    }

    @Test
    void objectsAndArraysAreToldFromWhatLooksLikeThem() {
        // Given
        JsonSlices slices = new JsonSlices("{\"a\":\"{\",\"b\":\"[\",\"c\":{},\"d\":[]}");

        // When, Then
        assertThat(slices.members()).extracting(slices::isObject).containsExactly(false, false, true, false);
        assertThat(slices.members()).extracting(slices::isArray).containsExactly(false, false, false, true);
    }

    @Test
    void theMembersOfAnInnerObjectAreFoundByItsStart() {
        // Given
        JsonSlices slices = new JsonSlices("{\"a\":{\"b\":1,\"c\":2},\"d\":3}");

        // When, Then
        assertThat(slices.members(slices.member("a").orElseThrow().start())).extracting(Member::name)
                .containsExactly("b", "c");
    }

    @Test
    void compactMeansWithoutTheBlanksBetweenAndWithThoseInside() throws Exception {
        // Given
        String text = "{ \"a b\" : [ 1.50 , \"x  y\\\" \" ,\ttrue ] }";
        StringBuilder compact = new StringBuilder();

        // When
        new JsonSlices(text).appendCompactly(0, text.length(), compact);

        // Then
        assertThat(compact).hasToString("{\"a b\":[1.50,\"x  y\\\" \",true]}");
        assertThat(new JsonMapper().readTree(compact.toString())).isEqualTo(new JsonMapper().readTree(text));
    }
}
