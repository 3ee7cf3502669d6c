package org.routingbridge.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Measures the bridge on this machine beside what it can be held against: a floor program on the same stack without
 * Camel, a bare Camel route, and any other server that is named. Each server is a process of its own; the load and the
 * sink that plays EventBridge and the data lake are two threads of this one. Started in the project's root; see
 * {@link BenchmarkOptions} for the options. The exit status is 0; 1 where an event was answered 2xx and lost, or a
 * server did not start; 2 for a wrong option.
 */
public final class Benchmark {

    static final String STORE_RATE = "store alone, 1 KB, synced, 64 writers";

    private static final Path WORK = Path.of("target/benchmark");
    private static final int STORE_WARM_UP_SECONDS = 4;

    private static final List<Cell> DEFAULT = List.of(Cell.closed(1, 0), Cell.closed(16, 0), Cell.open(2000, 20),
            Cell.closed(64, 20), Cell.closed(256, 20), Cell.closed(64, 0), Cell.closed(256, 0), Cell.large(64, 0));
    private static final List<Cell> LOADS = List.of(Cell.closed(1, 0), Cell.closed(16, 0), Cell.closed(1, 20),
            Cell.closed(16, 20), Cell.open(500, 0), Cell.open(2000, 0), Cell.open(500, 20), Cell.open(2000, 20),
            Cell.open(4000, 20), Cell.closed(64, 20), Cell.closed(256, 20), Cell.closed(64, 0), Cell.closed(256, 0),
            Cell.large(16, 0), Cell.large(64, 0), Cell.large(64, 20));
    private static final List<Cell> SATURATED = List.of(Cell.closed(64, 0), Cell.closed(256, 0));

    private final BenchmarkOptions options;
    private final Report report = new Report(System.out);
    private final int port;
    private final int managementPort;
    private final int[] otherPorts;
    private final Sink sink;
    private final Contenders contenders;

    private Benchmark(BenchmarkOptions options) throws IOException {
        this.options = options;
        port = options.port() > 0 ? options.port() : freePort();
        managementPort = options.port() > 0 ? options.port() + 1 : freePort();
        sink = new Sink(options.port() > 0 ? options.port() + 2 : 0);
        otherPorts = options.port() > 0 ? new int[] {options.port() + 3, options.port() + 4}
                : new int[] {freePort(), freePort()};
        contenders = new Contenders(options, sink.url(), port, managementPort, WORK);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Measures what the options name. */
    public static void main(String[] arguments) throws Exception {
        if (List.of(arguments).contains("--help")) {
            System.out.println(BenchmarkOptions.USAGE);
            return;
        }
        BenchmarkOptions options = null;
        try {
            options = BenchmarkOptions.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
            System.out.println(BenchmarkOptions.USAGE);
            System.exit(2);
        }
        int status;
        try {
            status = new Benchmark(options).run();
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private record Plan(Contender contender, List<Cell> cells) {
    }

    private List<Plan> plans() {
        List<Plan> plans = new ArrayList<>();
        boolean all = options.measures("loads");
        if (all || options.measures("default") || options.measures("quick")) {
            List<Cell> cells = all ? LOADS : options.measures("default") ? DEFAULT : SATURATED;
            plans.add(new Plan(contenders.bridge(), cells));
            plans.add(new Plan(contenders.floor(), cells));
            options.servers().forEach((name, line) -> plans.add(new Plan(contenders.other(name, line), cells)));
        }
        if (all || options.measures("default")) {
            plans.add(new Plan(contenders.bridgeWithoutLake(), SATURATED));
            plans.add(new Plan(contenders.floorWithoutJobs(), SATURATED));
            plans.add(new Plan(contenders.bareRoute(), SATURATED));
            Cell queued = Cell.closed(64, 0);
            plans.add(new Plan(contenders.bridgeQueued(), all ? List.of(queued, queued.away()) : List.of(queued)));
        }
        return plans.stream().map(plan -> new Plan(plan.contender(), plan.cells().stream()
                        .filter(cell -> options.measures(plan.contender().name(), cell)).toList()))
                .filter(plan -> !plan.cells().isEmpty()).toList();
    }

    private int run() throws IOException, InterruptedException {
        report.say("Latencies in ms, CPU s for 1,000 events; %d s a row, %d s of warm-up a server; %s",
                options.measured().toSeconds(), options.warmUp().toSeconds(), options.describeJvm());
        for (int run = 1; run <= options.repeat(); run++) {
            if (options.repeat() > 1) {
                report.say("%nRun %d of %d", run, options.repeat());
            }
            List<Plan> plans = plans();
            if (!plans.isEmpty()) {
                report.head();
            }
            for (Plan plan : plans) {
                measure(plan, run);
            }
            if (plans.stream().anyMatch(plan -> plan.contender().name().equals(Contenders.BRIDGE_QUEUED))) {
                measureStore(run);
            }
            OwnRows ownRows = new OwnRows(options, contenders, sink, report, port, managementPort, WORK);
            if (options.measures("start")) {
                ownRows.measureStart(run);
            }
            if (options.measures("heap")) {
                ownRows.measureAllocation(run);
            }
            if (options.measures("memory")) {
                ownRows.measureMemory(run);
            }
            if (options.measures("client")) {
                String costs = output(contenders.clientCost(options.warmUp().toSeconds(),
                        options.measured().toSeconds()));
                ClientCost.parse(run, costs).forEach(report::add);
            }
            if (options.measures("several")) {
                report.head();
                new SeveralRows(options, contenders, sink, report, port, otherPorts, WORK).measure(run);
            }
            if (options.measures("page")) {
                report.head();
                new PageRows(options, contenders.bridge(), sink, report, port, managementPort, WORK).measure();
            }
        }
        report.sumUp(options.repeat(), options.servers().keySet());
        report.write(options.json(), options);
        if (report.lost() > 0) {
            report.say("%n%d EVENTS WERE ANSWERED 2xx AND LOST", report.lost());
        }
        return report.lost() > 0 ? 1 : 0;
    }

    private void measure(Plan plan, int run) throws IOException, InterruptedException {
        Contender contender = plan.contender();
        sink.busLatency(0);
        sink.busAway(false);
        clear(WORK);
        try (ServerProcess server = ServerProcess.start(contender, log(contender));
                LoadGenerator generator = new LoadGenerator(port, Contenders.PATH, Contenders.HEADERS)) {
            server.awaitFirstAccepted(port, Contenders.PATH, Contenders.HEADERS);
            Measurement measurement = new Measurement(options, sink, contender, server, generator);
            measurement.warmUp();
            for (Cell cell : plan.cells()) {
                report.add(measurement.row(cell, run));
            }
        } finally {
            clear(WORK);
        }
    }

    static Path log(Contender contender) {
        return Path.of("target").resolve("benchmark-" + contender.name().replaceAll("[^A-Za-z0-9]+", "-") + ".log");
    }

    private void measureStore(int run) throws IOException, InterruptedException {
        Figure rate;
        int tries = 0;
        do {
            rate = storeRate(run);
            tries++;
        } while (rate.isDisturbed() && tries < Tries.MOST);
        report.add(rate);
    }

    private Figure storeRate(int run) throws IOException, InterruptedException {
        return StoreRate.parse(STORE_RATE, run,
                output(contenders.storeRate(STORE_WARM_UP_SECONDS, options.measured().toSeconds())));
    }

    /** What a program that ends by itself has printed. */
    private static String output(Contender program) throws IOException, InterruptedException {
        clear(WORK);
        Path log = log(program);
        try (ServerProcess process = ServerProcess.start(program, log)) {
            process.awaitEnd();
            return Files.readString(log);
        } finally {
            clear(WORK);
        }
    }

    /** Removes what the servers kept. */
    static void clear(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(directory + " cannot be removed", e);
        }
    }
}
