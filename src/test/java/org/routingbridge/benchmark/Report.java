package org.routingbridge.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Prints each row as soon as it is measured, the medians and the ratios at the end, and writes it all as JSON. */
final class Report {

    private static final String HEAD = "%-25s %-26s %8s %7s %8s %8s %8s %8s %7s %6s %6s %6s %6s%n";
    private static final String LINE = "%-25s %-26s %8.0f %7d %8.1f %8.1f %8.1f %8.1f %7.3f %6.0f %6.1f %6s %6.0f%s%n";

    private final PrintStream out;
    private final List<Row> rows = new ArrayList<>();
    private final List<Figure> figures = new ArrayList<>();
    private final List<Cost> costs = new ArrayList<>();
    private final Map<String, Double> ratios = new LinkedHashMap<>();
    private final Map<String, String> withoutRatio = new LinkedHashMap<>();

    Report(PrintStream out) {
        this.out = out;
    }

    void say(String format, Object... values) {
        out.printf(Locale.ROOT, format + "%n", values);
        out.flush();
    }

    void head() {
        out.printf(Locale.ROOT, HEAD, "server", "load", "events/s", "not 2xx", "p50", "p99", "p99.9", "max", "CPU s",
                "RSS MB", "batch", "lake %", "other%");
        out.flush();
    }

    void add(Row row) {
        rows.add(row);
        print(row);
    }

    private void print(Row row) {
        StringBuilder remarks = new StringBuilder();
        if (row.notAccepted() > 0) {
            remarks.append("  ").append(row.outcomes());
        }
        if (row.isDisturbed()) {
            remarks.append("  DISTURBED by others");
        }
        if (row.tries() > 1) {
            remarks.append("  best of ").append(row.tries()).append(" tries");
        }
        if (!row.settled()) {
            remarks.append("  not settled");
        }
        if (row.allocatedKb() > 0) {
            remarks.append(String.format(Locale.ROOT, "  %.2f KB allocated an event", row.allocatedKb()));
        }
        if (row.databasePer1000() > 0) {
            remarks.append(String.format(Locale.ROOT, "  database %.3f CPU s", row.databasePer1000()));
        }
        if (row.lost() > 0) {
            remarks.append("  LOST: ").append(row.lost()).append(" answered 2xx and not at EventBridge");
        }
        out.printf(Locale.ROOT, LINE, row.server(), row.load(), row.eventsPerSecond(), row.notAccepted(), row.p50(),
                row.p99(),
                row.p999(), row.max(), row.cpuPer1000(), row.peakMegabytes(), row.entriesPerCall(),
                row.toldPercent() == 0 ? "-" : String.format(Locale.ROOT, "%.0f", row.toldPercent()),
                row.otherPercent(),
                remarks);
        out.flush();
    }

    void add(Figure figure) {
        figures.add(figure);
        print(figure);
    }

    private void print(Figure figure) {
        say("%-52s %10.2f %s%s", figure.name(), figure.value(), figure.unit(),
                figure.isDisturbed() ? "  DISTURBED by others" : "");
    }

    void add(Cost cost) {
        costs.add(cost);
    }

    long lost() {
        return rows.stream().mapToLong(Row::lost).sum();
    }

    /** The medians where there is more than one run, and the bridge beside its yardsticks. */
    void sumUp(int runs, Iterable<String> otherServers) {
        Map<String, Row> medians = rows.stream().collect(Collectors.groupingBy(row -> key(row.server(), row.load()),
                LinkedHashMap::new, Collectors.collectingAndThen(Collectors.toList(), Row::median)));
        Map<String, Figure> medianFigures = figures.stream().collect(Collectors.groupingBy(Figure::name,
                LinkedHashMap::new,
                Collectors.collectingAndThen(Collectors.toList(), Figure::median)));
        if (runs > 1) {
            say("%nMedians of %d runs%n", runs);
            head();
            medians.values().forEach(this::print);
            medianFigures.values().forEach(this::print);
        }
        say("");
        ratio(medians, "events/s", Cell.closed(256, 0), Contenders.FLOOR, Row::eventsPerSecond);
        ratio(medians, "CPU an event", Cell.closed(256, 0), Contenders.FLOOR, Row::cpuPer1000);
        ratio(medians, "events/s", Cell.closed(256, 20), Contenders.FLOOR, Row::eventsPerSecond);
        ratio(medians, "events/s", Cell.large(64, 0), Contenders.FLOOR, Row::eventsPerSecond);
        Cell open = Cell.open(2000, 20);
        pair(medians, open, Contenders.FLOOR).ifPresent(pair -> ratio("bridge - floor: p99 in ms, " + open.name(),
                pair[0].p99() - pair[1].p99(), pair));
        Row queued = medians.get(key(Contenders.BRIDGE_QUEUED, Cell.closed(64, 0).name()));
        Figure storeRate = medianFigures.get(Benchmark.STORE_RATE);
        if (queued != null && storeRate != null) {
            String name = "bridge, queued / store alone: events/s, " + queued.load();
            if (storeRate.isDisturbed()) {
                noRatio(name, disturbed("the store alone", storeRate.otherPercent()));
            } else {
                ratio(name, queued.eventsPerSecond() / storeRate.value(), queued);
            }
        }
        for (String server : otherServers) {
            for (Cell cell : List.of(Cell.closed(256, 0), Cell.closed(256, 20), Cell.large(64, 0))) {
                ratio(medians, "events/s", cell, server, Row::eventsPerSecond);
            }
            ratio(medians, "CPU an event", Cell.closed(256, 0), server, Row::cpuPer1000);
            ratio(medians, "peak RSS", Cell.closed(256, 0), server, Row::peakMegabytes);
        }
        costs.stream().collect(Collectors.groupingBy(Cost::what, LinkedHashMap::new,
                Collectors.flatMapping(cost -> cost.pairs().stream(), Collectors.toList())))
                .forEach((what, pairs) -> price(new Cost(what, pairs).calm()));
    }

    /** Prints what something costs in percent, from the pairs of rows that others did not disturb. */
    private void price(Cost cost) {
        String name = "cost of " + cost.what() + ": ";
        if (cost.pairs().isEmpty()) {
            noRatio(name + "CPU an event", "others disturbed each pair of rows");
            return;
        }
        price(name + "CPU an event", cost, cost.more(Row::cpuPer1000));
        price(name + "events/s", cost, cost.less(Row::eventsPerSecond));
        price(name + "allocation an event", cost, cost.more(Row::allocatedKb));
    }

    private void price(String name, Cost cost, double[] percents) {
        double median = Row.median(percents);
        ratios.put(name + ", percent", median);
        long unsettled = cost.pairs().stream().filter(pair -> !pair.isSettled()).count();
        say("%-52s %8.1f %%  %.1f to %.1f in %d pairs%s", name, median, percents[0], percents[percents.length - 1],
                percents.length, unsettled == 0 ? "" : ", of which " + unsettled + " not settled");
    }

    private static String key(String server, String load) {
        return server + ": " + load;
    }

    private static Optional<Row[]> pair(Map<String, Row> rows, Cell cell, String other) {
        Row bridge = rows.get(key(Contenders.BRIDGE, cell.name()));
        Row against = rows.get(key(other, cell.name()));
        return bridge == null || against == null ? Optional.empty() : Optional.of(new Row[] {bridge, against});
    }

    private void ratio(Map<String, Row> rows, String what, Cell cell, String other, ToDoubleFunction<Row> figure) {
        pair(rows, cell, other).ifPresent(pair -> ratio("bridge / " + other + ": " + what + ", " + cell.name(),
                figure.applyAsDouble(pair[0]) / figure.applyAsDouble(pair[1]), pair));
    }

    /** Prints what comes of some rows, unless others disturbed one of them. */
    private void ratio(String name, double value, Row... of) {
        Optional<Row> disturbed = Arrays.stream(of).filter(Row::isDisturbed).findFirst();
        if (disturbed.isPresent()) {
            noRatio(name, disturbed(disturbed.get().server(), disturbed.get().otherPercent()));
            return;
        }
        ratios.put(name, value);
        String unsettled = Arrays.stream(of).filter(row -> !row.settled()).map(Row::server)
                .collect(Collectors.joining(", "));
        say("%-62s %8.2f%s", name, value, unsettled.isEmpty() ? "" : "  not settled: " + unsettled);
    }

    private void noRatio(String name, String why) {
        withoutRatio.put(name, why);
        say("%-62s %8s  %s", name, "none:", why);
    }

    private static String disturbed(String what, double otherPercent) {
        return String.format(Locale.ROOT, "others used %.0f %% of the machine beside %s", otherPercent, what);
    }

    void write(Path file, BenchmarkOptions options) throws IOException {
        Map<String, Object> machine = new TreeMap<>(Map.of(
                "cores", Runtime.getRuntime().availableProcessors(),
                "system", System.getProperty("os.name") + " " + System.getProperty("os.version"),
                "benchmarkJava", System.getProperty("java.vm.version")));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("at", Instant.now().toString());
        all.put("machine", machine);
        all.put("java", options.java());
        all.put("jvmOptions", options.describeJvm());
        all.put("sets", options.sets());
        all.put("runs", options.repeat());
        all.put("secondsMeasured", options.measured().toSeconds());
        all.put("secondsToSettleAtMost", options.settle().toSeconds());
        all.put("secondsOfWarmUp", options.warmUp().toSeconds());
        all.put("rows", rows);
        all.put("figures", figures);
        all.put("ratios", ratios);
        all.put("withoutRatio", withoutRatio);
        Files.createDirectories(file.toAbsolutePath().getParent());
        JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build().writeValue(file.toFile(), all);
    }
}
