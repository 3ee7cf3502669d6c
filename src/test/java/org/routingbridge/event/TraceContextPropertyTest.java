package org.routingbridge.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What a {@code traceparent} says, and which are none (W3C Trace Context). */
class TraceContextPropertyTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";
    private static final List<String> VALID = List.of("00", TRACE, PARENT, "01");

    /** The parts of a valid one: version, trace id, parent id, flags. */
    @Provide
    Arbitrary<List<String>> parts() {
        return Combinators.combine(
                Arbitraries.integers().between(0, 0xfe).map(number -> String.format(Locale.ROOT, "%02x", number)),
                hex(32), hex(16), hex(2)).as(List::of);
    }

    private static Arbitrary<String> hex(int digits) {
        return Arbitraries.strings().withChars("0123456789abcdef").ofLength(digits)
                .filter(text -> digits == 2 || text.chars().anyMatch(c -> c != '0'));
    }

    @Property
    void aValidOneBecomesXRaysHeader(@ForAll("parts") List<String> parts) {
        // When
        TraceContext trace = TraceContext.read(String.join("-", parts));

        // Then
        String traceId = parts.get(1);
        boolean sampled = Integer.parseInt(parts.get(3), 16) % 2 == 1;
        assertThat(trace).isEqualTo(new TraceContext(traceId, parts.get(2), sampled));
        assertThat(trace.xRayHeader()).hasSize(TraceContext.X_RAY_BYTES)
                .isEqualTo("Root=1-" + traceId.substring(0, 8) + "-" + traceId.substring(8) + ";Parent=" + parts.get(2)
                        + ";Sampled=" + (sampled ? "1" : "0"));
        assertThat(TraceContext.read(trace.traceparent())).isEqualTo(trace);
    }

    @Property
    void aLaterVersionMayGoOnBehindADash(@ForAll("parts") List<String> parts, @ForAll String more) {
        // When
        TraceContext trace = TraceContext.read(String.join("-", parts) + "-" + more);

        // Then
        assertThat(trace == null).isEqualTo(parts.get(0).equals("00"));
    }

    /** One character of a valid one is another one, which leaves it valid or makes it none. */
    @Property
    void aDigitMayBeAnotherAndNothingElse(@ForAll("places") int place, @ForAll char other) {
        // Given
        StringBuilder text = new StringBuilder(String.join("-", VALID));
        boolean wasDash = text.charAt(place) == '-';
        text.setCharAt(place, other);

        // When
        TraceContext trace = TraceContext.read(text.toString());

        // Then
        boolean isDigit = other >= '0' && other <= '9' || other >= 'a' && other <= 'f';
        assertThat(trace != null).isEqualTo(wasDash ? other == '-' : isDigit);
    }

    @Provide
    Arbitrary<Integer> places() {
        return Arbitraries.integers().between(0, String.join("-", VALID).length() - 1);
    }

    @Property
    void whateverElseItIsItIsNone(@ForAll String text) {
        assertThat(TraceContext.read(text)).isNull();
    }

    @Example
    void theseAreNone() {
        assertThat(List.of("", "00", "ff-" + TRACE + "-" + PARENT + "-01", "00-" + TRACE + "-" + PARENT,
                "00-" + "0".repeat(32) + "-" + PARENT + "-01", "00-" + TRACE + "-" + "0".repeat(16) + "-01",
                "00-" + TRACE.toUpperCase(Locale.ROOT) + "-" + PARENT + "-01",
                "00-" + TRACE + "-" + PARENT.toUpperCase(Locale.ROOT) + "-01",
                "0A-" + TRACE + "-" + PARENT + "-01", "00-" + TRACE + "-" + PARENT + "-0B",
                "00-" + TRACE + "-" + PARENT + "-01 ", " 00-" + TRACE + "-" + PARENT + "-01",
                "00-" + TRACE + "-" + PARENT + "-01-", "01-" + TRACE + "-" + PARENT + "-01x",
                "00-" + TRACE + "-" + PARENT + "-01,00-" + TRACE + "-" + PARENT + "-01"))
                .allSatisfy(text -> assertThat(TraceContext.read(text)).as(text).isNull());
        assertThat(TraceContext.read(null)).isNull();
    }
}
