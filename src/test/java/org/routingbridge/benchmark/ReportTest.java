package org.routingbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private static final Cell SATURATED = Cell.closed(256, 0);

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final Report report = new Report(new PrintStream(printed, true, StandardCharsets.UTF_8));

    private static Row row(String server, Cell cell, int run, double perSecond, long lost) {
        return row(server, cell, run, perSecond, lost, 1, true);
    }

    private static Row row(String server, Cell cell, int run, double perSecond, long lost, double otherPercent,
            boolean settled) {
        return new Row(server, cell.name(), run, perSecond, 0, Map.of("200 processed", 5L), 1, 2, 3, 4,
                perSecond / 1e5, 300, 9, 100, otherPercent, 5, 5, lost, 1, settled, 0, 0);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void latenciesAreGivenInMilliseconds() {
        // Given
        Histogram micros = new Histogram(60_000_000, 3);
        for (int i = 1; i <= 1000; i++) {
            micros.recordValue(i * 1000L);
        }

        // When
        LoadResult result = new LoadResult(1000, 0, Map.of("200 processed", 1000L), micros, 1000, 1000,
                Duration.ofSeconds(2));

        // Then
        assertThat(result.perSecond()).isEqualTo(500);
        assertThat(result.millisAt(50)).isBetween(499.5, 500.5);
        assertThat(result.millisAt(99)).isBetween(989.0, 991.0);
        assertThat(result.millisAt(100)).isBetween(999.0, 1001.0);
    }

    @Test
    void theRatiosAreThoseOfTheMedians(@TempDir Path directory) throws Exception {
        // Given
        for (double perSecond : List.of(900.0, 100.0, 600.0)) {
            report.add(row(Contenders.BRIDGE, SATURATED, 1, perSecond, 0));
        }
        report.add(row(Contenders.FLOOR, SATURATED, 1, 800, 0));
        report.add(row("node", SATURATED, 1, 100, 0));

        // When
        report.sumUp(3, List.of("node"));
        report.write(directory.resolve("benchmark.json"), BenchmarkOptions.parse());

        // Then
        JsonNode written = new JsonMapper().readTree(directory.resolve("benchmark.json").toFile());
        assertThat(written.at("/rows")).hasSize(5);
        assertThat(written.at("/rows/0/outcomes/200 processed").asInt()).isEqualTo(5);
        assertThat(written.at("/ratios/bridge ~1 floor: events~1s, 256 connections, 0 ms").asDouble()).isEqualTo(0.75);
        assertThat(written.at("/ratios/bridge ~1 node: events~1s, 256 connections, 0 ms").asDouble()).isEqualTo(6);
        assertThat(report.lost()).isZero();
    }

    @Test
    void aLossIsLoud() {
        // When
        report.add(row(Contenders.BRIDGE, SATURATED, 1, 100, 3));
        report.add(row(Contenders.BRIDGE, SATURATED, 2, 100, 0));

        // Then
        assertThat(report.lost()).isEqualTo(3);
        assertThat(printed()).contains("LOST: 3 answered 2xx");
    }

    @Test
    void noRatioIsPrintedOfWhatOthersDisturbed(@TempDir Path directory) throws Exception {
        // Given
        report.add(row(Contenders.BRIDGE, SATURATED, 1, 900, 0));
        report.add(row(Contenders.FLOOR, SATURATED, 1, 800, 0, 12, true));

        // When
        report.sumUp(1, List.of());
        report.write(directory.resolve("benchmark.json"), BenchmarkOptions.parse());

        // Then
        JsonNode written = new JsonMapper().readTree(directory.resolve("benchmark.json").toFile());
        assertThat(written.at("/ratios")).isEmpty();
        assertThat(written.at("/withoutRatio/bridge ~1 floor: CPU an event, 256 connections, 0 ms").asText())
                .isEqualTo("others used 12 % of the machine beside floor");
        assertThat(printed()).contains("DISTURBED by others")
                .containsPattern("bridge / floor: events/s, .* none:  others used 12 % of the machine beside floor");
    }

    @Test
    void theMediansAreThoseOfTheRowsThatNobodyDisturbed() {
        // Given
        report.add(row(Contenders.BRIDGE, SATURATED, 1, 100, 1, 40, true));
        report.add(row(Contenders.BRIDGE, SATURATED, 2, 900, 0, 5, true));
        report.add(row(Contenders.FLOOR, SATURATED, 1, 1000, 0));

        // When
        report.sumUp(2, List.of());

        // Then
        assertThat(printed()).containsPattern("bridge / floor: events/s, 256 connections, 0 ms +0.90\\R");
        assertThat(report.lost()).isEqualTo(1);
    }

    @Test
    void aRatioSaysWhichServerHadNotSettled() {
        // Given
        report.add(row(Contenders.BRIDGE, SATURATED, 1, 900, 0, 1, false));
        report.add(row(Contenders.FLOOR, SATURATED, 1, 1000, 0));

        // When
        report.sumUp(1, List.of());

        // Then
        assertThat(printed()).containsPattern("events/s, 256 connections, 0 ms +0.90  not settled: bridge\\R");
    }

    @Test
    void noRatioIsPrintedBesideAStoreThatOthersDisturbed() {
        // Given
        report.add(row(Contenders.BRIDGE_QUEUED, Cell.closed(64, 0), 1, 900, 0));
        report.add(StoreRate.parse(Benchmark.STORE_RATE, 1, "1000 rows/s\n7.5 % others\n"));

        // When
        report.sumUp(1, List.of());

        // Then
        assertThat(printed()).contains("none:  others used 8 % of the machine beside the store alone");
    }

    @Test
    void aRowIsMeasuredAgainUntilNobodyDisturbsIt() {
        // Given
        Tries tries = new Tries();

        // When
        tries.add(row(Contenders.BRIDGE, SATURATED, 1, 500, 2, 30, true));

        // Then
        assertThat(tries.isEnough()).isFalse();

        // When
        tries.add(row(Contenders.BRIDGE, SATURATED, 1, 900, 1, 4, true));

        // Then
        assertThat(tries.isEnough()).isTrue();
        assertThat(tries.best().eventsPerSecond()).isEqualTo(900);
        assertThat(tries.best().tries()).isEqualTo(2);
        assertThat(tries.best().lost()).isEqualTo(3);
    }

    @Test
    void aRowThatStaysDisturbedIsGivenUpAndSaysSo() {
        // Given
        Tries tries = new Tries();

        // When
        for (double otherPercent : List.of(30.0, 8.0, 20.0)) {
            assertThat(tries.isEnough()).isFalse();
            tries.add(row(Contenders.BRIDGE, SATURATED, 1, 100 * otherPercent, 0, otherPercent, true));
        }

        // Then
        assertThat(tries.isEnough()).isTrue();
        report.add(tries.best());
        assertThat(printed()).containsPattern(" 800 .*  DISTURBED by others  best of 3 tries");
    }

    @Test
    void theMedianIsTheOneInTheMiddle() {
        // When, Then
        assertThat(Row.median(9, 1, 5)).isEqualTo(5);
        assertThat(Row.median(4, 1, 9, 2)).isEqualTo(3);
    }

    @Test
    void optionsSayWhatIsMeasured() {
        // When
        BenchmarkOptions options = BenchmarkOptions.parse("--set", "quick,start", "--only", "bridge: 256", "--server",
                "node=A=1 node server.js", "--jvm", "-Xmx200m  -XX:+UseSerialGC", "--java", "/jdk/bin/java",
                "--settle", "7", "--events", "900");

        // Then
        assertThat(options.measures("quick")).isTrue();
        assertThat(options.events()).isEqualTo(900);
        assertThat(options.settle()).isEqualTo(Duration.ofSeconds(7));
        assertThat(options.measures("default")).isFalse();
        assertThat(options.measures("bridge", SATURATED)).isTrue();
        assertThat(options.measures("floor", SATURATED)).isFalse();
        assertThat(options.servers()).isEqualTo(Map.of("node", "A=1 node server.js"));
        assertThat(options.javaCommand()).containsExactly("/jdk/bin/java", "-Xmx200m", "-XX:+UseSerialGC");
    }

    @Test
    void wrongOptionsAreExplained() {
        // When, Then
        assertThatThrownBy(() -> BenchmarkOptions.parse("--repeat", "0"))
                .hasMessageContaining("--repeat needs a whole number");
        assertThatThrownBy(() -> BenchmarkOptions.parse("--set", "all")).hasMessageContaining("no set all");
        assertThatThrownBy(() -> BenchmarkOptions.parse("--fast", "1")).hasMessageContaining("--fast");
        assertThatThrownBy(() -> BenchmarkOptions.parse("--seconds")).hasMessageContaining("needs a value");
    }
}
