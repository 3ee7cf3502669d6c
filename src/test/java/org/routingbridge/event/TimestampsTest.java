package org.routingbridge.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.OwnThread;

class TimestampsTest {

    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    @ParameterizedTest
    @ValueSource(strings = {"2026-05-04T12:00:00Z", "2026-05-04T12:00:00.007Z", "2026-05-04T12:00:00.999999999Z",
            "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "2024-02-29T23:59:59.050Z"})
    void aTimeIsWrittenWithThreeDigitsOfItsSecond(String time) {
        // Given
        Instant instant = Instant.parse(time);

        // When
        String written = Timestamps.format(instant);

        // Then
        assertThat(written).isEqualTo(MILLIS.format(instant)).hasSize("2026-05-04T12:00:00.000Z".length());
    }

    @Test
    void timesOfSeveralSecondsWrittenAtOnceDoNotMingle() {
        // Given
        long now = Instant.parse("2026-05-04T12:00:00Z").toEpochMilli();

        // When
        Stream<CompletableFuture<Boolean>> writers = IntStream.range(0, 4).mapToObj(Random::new).map(random ->
                OwnThread.supply(() -> random.longs(20_000, now, now + 3000)
                                .mapToObj(Instant::ofEpochMilli)
                        .allMatch(instant -> Timestamps.format(instant).equals(MILLIS.format(instant)))));

        // Then
        assertThat(writers.toList()).allMatch(CompletableFuture::join);
    }
}
