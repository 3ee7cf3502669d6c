package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.event.RoutingEvent;

class OversizeTrimmerTest {

    private static RoutingEvent event(String routingContext) {
        return EventsForTests.read(EventsForTests.json(EventsForTests.ID, "2026-05-04T12:00:00Z", routingContext));
    }

    private static Optional<RoutingEvent> trim(String routingContext, int limit) {
        return OversizeTrimmer.trim(event(routingContext), RoutingEvent::utf8Length, limit);
    }

    /** An array of so many bytes. */
    private static String array(int bytes) {
        return "[\"" + "x".repeat(bytes - 4) + "\"]";
    }

    @Test
    void theLargestArrayGoesFirst() {
        // When
        RoutingEvent trimmed = trim("{\"a\":" + array(11_000) + ",\"b\":" + array(30_000) + ",\"c\":" + array(12_000)
                + "}", 25_000).orElseThrow();

        // Then
        assertThat(trimmed.marks().trimmed()).containsExactly("/routingContext/b");
        assertThat(trimmed.routingContext()).isEqualTo("{\"a\":" + array(11_000) + ",\"c\":" + array(12_000) + "}");
        assertThat(trimmed.utf8Length()).isEqualTo(trimmed.text().length());
    }

    @Test
    void asManyGoAsItTakesInTheOrderOfTheirSize() {
        // When
        RoutingEvent trimmed = trim("{\"a\":" + array(11_000) + ",\"b\":" + array(30_000) + ",\"c\":" + array(12_000)
                + "}", 12_000).orElseThrow();

        // Then
        assertThat(trimmed.marks().trimmed()).containsExactly("/routingContext/b", "/routingContext/c");
    }

    @Test
    void anArrayOf10240BytesStays() {
        // When, Then
        assertThat(trim("{\"a\":" + array(10_240) + "}", 5000)).isEmpty();
    }

    @Test
    void anArrayOf10241BytesMayGo() {
        // When, Then
        assertThat(trim("{\"a\":" + array(10_241) + "}", 5000).orElseThrow().routingContext()).isEqualTo("{}");
    }

    @Test
    void anArraysBlanksAreAmongItsBytes() {
        // When, Then
        assertThat(trim("{\"a\":[" + " ".repeat(10_239) + "]}", 5000)).isPresent();
    }

    @Test
    void anArrayIsWeighedInBytesAndNotInCharacters() {
        // When, Then
        assertThat(trim("{\"a\":[\"" + "é".repeat(5200) + "\"]}", 5000)).isPresent();
    }

    @Test
    void arraysAreFoundAtAnyDepthOfObjects() {
        // When
        RoutingEvent trimmed = trim("{\"a/b\":{\"c~d\":{\"e\":" + array(11_000) + ",\"f\":1.0}}}", 5000).orElseThrow();

        // Then
        assertThat(trimmed.marks().trimmed()).containsExactly("/routingContext/a~1b/c~0d/e");
        assertThat(trimmed.routingContext()).isEqualTo("{\"a/b\":{\"c~d\":{\"f\":1.0}}}");
    }

    @Test
    void theOutermostArrayGoesWithWhatIsInIt() {
        // When
        RoutingEvent trimmed = trim("{\"a\":[{\"b\":" + array(11_000) + "},[" + array(11_000) + "]]}", 15_000)
                .orElseThrow();

        // Then
        assertThat(trimmed.marks().trimmed()).containsExactly("/routingContext/a");
    }

    @Test
    void arraysOutsideTheContextStay() {
        // Given
        String json = EventsForTests.json(EventsForTests.ID, "2026-05-04T12:00:00Z", "{}")
                .replace("{\"id\"", "{\"extra\":" + array(20_000) + ",\"id\"");

        // When, Then
        assertThat(OversizeTrimmer.trim(EventsForTests.read(json), RoutingEvent::utf8Length, 5000)).isEmpty();
    }

    @Test
    void largeStringsStay() {
        // When, Then
        assertThat(trim("{\"a\":\"" + "[".repeat(20_000) + "\"}", 5000)).isEmpty();
    }

    @Test
    void whatIsLeftIsCompactWithItsNumbersAndStringsAsReceived() {
        // When
        RoutingEvent trimmed = trim("{ \"n\" : 1.50E+1 , \"s\" : \"\\u0041 \\/ x\" ,\"a\":" + array(11_000)
                + ", \"small\" : [ 1 , -0.0 ] }", 5000).orElseThrow();

        // Then
        assertThat(trimmed.routingContext()).isEqualTo("{\"n\":1.50E+1,\"s\":\"\\u0041 \\/ x\",\"small\":[1,-0.0]}");
    }

    @Test
    void theEventKeepsItsIdentity() {
        // Given
        RoutingEvent event = event("{\"a\":" + array(11_000) + "}");

        // When
        RoutingEvent trimmed = OversizeTrimmer.trim(event, RoutingEvent::utf8Length, 5000).orElseThrow();

        // Then
        assertThat(trimmed).usingRecursiveComparison().ignoringFields("text", "utf8Length", "marks").isEqualTo(event);
    }

    @Test
    void arraysBelowManyObjectsAreTrimmedInOneGo() {
        // Given
        StringBuilder context = new StringBuilder();
        context.append("{\"o\":".repeat(190)).append("{");
        for (int i = 0; i < 25; i++) {
            context.append(i == 0 ? "" : ",").append("\"a").append(i).append("\": [").append("1, ".repeat(3_600))
                    .append("1]");
        }
        RoutingEvent deep = event(context.append("}").append("}".repeat(190)).toString());

        // When, Then
        assertTimeout(Duration.ofSeconds(2), () -> {
            for (int i = 0; i < 20; i++) {
                RoutingEvent trimmed = OversizeTrimmer.trim(deep, RoutingEvent::utf8Length, 4_000).orElseThrow();
                assertThat(trimmed.marks().trimmed()).hasSize(25)
                        .contains("/routingContext" + "/o".repeat(190) + "/a0");
                assertThat(trimmed.utf8Length()).isEqualTo(trimmed.text().length());
            }
        });
    }
}
