package org.routingbridge.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.sun.management.OperatingSystemMXBean;

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
    private static final Duration BEFORE_A_ROW = Duration.ofSeconds(1);
    private static final Duration NO_PROGRESS = Duration.ofSeconds(2);
    private static final Duration NO_PROGRESS_AFTER_OUTAGE = Duration.ofSeconds(20);
    private static final Duration UNTIL_SETTLED = Duration.ofMinutes(2);
    private static final int LOOK_MILLIS = 20;
    private static final int WARM_UP_CONNECTIONS = 64;
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
    private final OperatingSystemMXBean self = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final int port;
    private final int managementPort;
    private final Sink sink;
    private final Contenders contenders;

    private Benchmark(BenchmarkOptions options) throws IOException {
        this.options = options;
        port = options.port() > 0 ? options.port() : freePort();
        managementPort = options.port() > 0 ? options.port() + 1 : freePort();
        sink = new Sink(options.port() > 0 ? options.port() + 2 : 0);
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
            if (options.measures("memory")) {
                ownRows.measureMemory(run);
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
            Sink.Counts before = sink.counts();
            LoadResult warmedUp = generator.run(Load.closed(WARM_UP_CONNECTIONS, Cell.SMALL, Duration.ZERO,
                    options.warmUp()), () -> { });
            settle(contender, before, warmedUp.acceptedAll(), NO_PROGRESS);
            for (Cell cell : plan.cells()) {
                report.add(measure(contender, server, generator, cell, run));
            }
        } finally {
            clear(WORK);
        }
    }

    static Path log(Contender contender) {
        return Path.of("target").resolve("benchmark-" + contender.name().replaceAll("[^A-Za-z0-9]+", "-") + ".log");
    }

    /** What stands where the measured time begins or ends. */
    private record Mark(long nanos, Usage server, Sink.Counts sink, long loadNanos, long sinkNanos, long ownNanos,
                        double machineSeconds) {
    }

    private Row measure(Contender contender, ServerProcess server, LoadGenerator generator, Cell cell, int run)
            throws InterruptedException {
        sink.busLatency(cell.busMillis());
        sink.busAway(cell.busAway());
        Sink.Counts before = sink.counts();
        List<Mark> marks = new ArrayList<>();
        LoadResult result = generator.run(cell.load(BEFORE_A_ROW, options.measured()), () -> marks.add(
                new Mark(System.nanoTime(), server.usage(), sink.counts(), generator.cpuNanos(), sink.cpuNanos(),
                        self.getProcessCpuTime(), Usage.machineSeconds())));
        sink.busAway(false);
        long lost = settle(contender, before, result.acceptedAll(), cell.busAway()
                ? NO_PROGRESS_AFTER_OUTAGE : NO_PROGRESS);

        Mark from = marks.get(0);
        Mark to = marks.get(1);
        double seconds = (to.nanos - from.nanos) / 1e9;
        double events = Math.max(1, result.accepted());
        Sink.Counts between = to.sink.minus(from.sink);
        double serverSeconds = to.server.cpu().minus(from.server.cpu()).toNanos() / 1e9;
        double other = to.machineSeconds - from.machineSeconds - serverSeconds - (to.ownNanos - from.ownNanos) / 1e9;
        return new Row(contender.name(), cell.name(), run, result.perSecond(), result.notAccepted(),
                result.sortedOutcomes(), result.millisAt(50), result.millisAt(99), result.millisAt(99.9),
                result.millisAt(100), serverSeconds / events * 1000, to.server.peakBytes() / 1e6,
                between.requests() == 0 ? 0 : (double) between.entries() / between.requests(),
                contender.notifies() ? 100.0 * between.notifications() / events : 0,
                Math.max(0, 100 * other / seconds / Runtime.getRuntime().availableProcessors()),
                (to.loadNanos - from.loadNanos) / events / 1e3, (to.sinkNanos - from.sinkNanos) / events / 1e3, lost);
    }

    /**
     * Waits until everything accepted has come to EventBridge and the data lake, or nothing more comes.
     *
     * @return events that were accepted and have not come to EventBridge
     */
    private long settle(Contender contender, Sink.Counts before, long accepted, Duration patience)
            throws InterruptedException {
        long began = System.nanoTime();
        long progressAt = began;
        Sink.Counts last = sink.counts();
        while (true) {
            Sink.Counts now = sink.counts();
            Sink.Counts come = now.minus(before);
            long lost = contender.publishes() ? Math.max(0, accepted - come.entries()) : 0;
            boolean told = !contender.notifies() || come.notifications() >= accepted;
            if (!now.equals(last)) {
                progressAt = System.nanoTime();
                last = now;
            }
            if (lost == 0 && told || System.nanoTime() - progressAt > patience.toNanos()
                    || System.nanoTime() - began > UNTIL_SETTLED.toNanos()) {
                return lost;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    private void measureStore(int run) throws IOException, InterruptedException {
        clear(WORK);
        Contender store = contenders.storeRate(STORE_WARM_UP_SECONDS, options.measured().toSeconds());
        Path log = log(store);
        try (ServerProcess process = ServerProcess.start(store, log)) {
            process.awaitEnd();
            report.add(new Figure(STORE_RATE, run, StoreRate.parse(Files.readString(log)), "rows/s"));
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
