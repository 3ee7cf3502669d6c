package org.routingbridge.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class CountersByCodeTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final CountersByCode counters = new CountersByCode(List.of("Known"), code ->
            Counter.builder("errors").tag("code", code).register(registry));

    private double counted(String code) {
        Counter counter = registry.find("errors").tag("code", code).counter();
        return counter == null ? -1 : counter.count();
    }

    @Test
    void whatIsKnownIsThereFromTheStart() {
        assertThat(counted("Known")).isZero();
        assertThat(counted("other")).isZero();
    }

    @Test
    void theCodeIsWhatStandsBeforeTheColon() {
        // When
        counters.count("Known: for 1 reason: and another");
        counters.count("Known");
        counters.count("New.Code_2: it is");
        counters.count("HTTP 403: it was not EventBridge that answered");

        // Then
        assertThat(counted("Known")).isEqualTo(2);
        assertThat(counted("New.Code_2")).isEqualTo(1);
        assertThat(counted("HTTP 403")).isEqualTo(1);
        assertThat(counted("other")).isZero();
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"two words", "with\nbreak: x", "\"} 1\nevil{a=\"b", "9lives", ": nothing before",
            "HTTP 99999"})
    void whatIsNoCodeIsOneOfTheOthers(String failure) {
        // When
        counters.count(failure);

        // Then
        assertThat(counted("other")).isEqualTo(1);
        assertThat(registry.getMeters()).hasSize(2);
    }

    @Test
    void aCodeOfAnyLengthIsOneOfTheOthers() {
        // When
        counters.count("A".repeat(65));

        // Then
        assertThat(counted("other")).isEqualTo(1);
    }

    @Test
    void thereAreFiftyCodesAtMostAndTheOthers() {
        // When
        for (int i = 0; i < 1_000; i++) {
            counters.count("Code" + i);
        }

        // Then
        assertThat(registry.getMeters()).hasSize(51);
        assertThat(counted("Code48")).isEqualTo(1);
        assertThat(counted("other")).isEqualTo(951);
        counters.count("Code3");
        assertThat(counted("Code3")).isEqualTo(2);
    }
}
