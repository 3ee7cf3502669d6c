package org.routingbridge.benchmark;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.routingbridge.store.FilledStore;

/** What is measured of the bridge beside the table: its start, and what it keeps in memory. */
final class OwnRows {

    private static final int STARTS = 5;
    private static final int FIRST_RATE = 500;
    private static final Duration FIRST_SECONDS = Duration.ofSeconds(10);
    private static final int MOST_CONNECTIONS = 256;
    private static final Duration EARLY = Duration.ofSeconds(5);
    private static final Duration EARLY_MEASURED = Duration.ofSeconds(1);
    private static final int IDS = 1_000_000;
    private static final int BACKLOG = 100_000;
    private static final int CONNECTIONS = 64;
    private static final Duration UNTIL_FILLED = Duration.ofMinutes(2);
    private static final Duration UNTIL_DRAINED = Duration.ofMinutes(3);
    private static final Duration UNTIL_COLLECTED = Duration.ofSeconds(20);
    private static final int COLLECTIONS = 2;
    private static final int LOOK_MILLIS = 20;

    private final BenchmarkOptions options;
    private final Contenders contenders;
    private final Sink sink;
    private final Report report;
    private final int port;
    private final URI metrics;
    private final Path work;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    OwnRows(BenchmarkOptions options, Contenders contenders, Sink sink, Report report, int port, int managementPort,
            Path work) {
        this.options = options;
        this.contenders = contenders;
        this.sink = sink;
        this.report = report;
        this.port = port;
        this.work = work;
        metrics = URI.create("http://127.0.0.1:" + managementPort + "/observe/metrics");
    }

    private interface Work {
        void on(ServerProcess server, LoadGenerator generator) throws IOException, InterruptedException;
    }

    private Duration withServer(Contender contender, Work todo) throws IOException, InterruptedException {
        sink.busLatency(0);
        sink.busAway(false);
        try (ServerProcess server = ServerProcess.start(contender, Benchmark.log(contender));
                LoadGenerator generator = new LoadGenerator(port, Contenders.PATH, Contenders.HEADERS)) {
            Duration start = server.awaitFirstAccepted(port, Contenders.PATH, Contenders.HEADERS);
            todo.on(server, generator);
            return start;
        } finally {
            sink.busAway(false);
            Benchmark.clear(work);
        }
    }

    private void add(String name, int run, double value, String unit) {
        report.add(new Figure(name, run, value, unit));
    }

    /** How long the bridge takes to its first 200, and how it does in the first seconds after that. */
    void measureStart(int run) throws IOException, InterruptedException {
        double[] seconds = new double[STARTS];
        for (int i = 0; i < STARTS; i++) {
            Benchmark.clear(work);
            seconds[i] = withServer(contenders.bridge(), (server, generator) -> { }).toNanos() / 1e9;
        }
        add("start to first 200, median of " + STARTS, run, Row.median(seconds), "s");
        Benchmark.clear(work);
        withServer(contenders.bridge(), (server, generator) -> {
            LoadResult first = generator.run(
                    Load.open(FIRST_RATE, CONNECTIONS, Cell.SMALL, Duration.ZERO, FIRST_SECONDS), () -> { });
            String load = "first " + FIRST_SECONDS.toSeconds() + " s at " + FIRST_RATE + "/s: ";
            add(load + "p99", run, first.millisAt(99), "ms");
            add(load + "not 2xx", run, (double) first.notAccepted(), "events");
        });
        Benchmark.clear(work);
        withServer(contenders.bridge(), (server, generator) -> measureEarlyPace(server, generator, run));
    }

    /** How much of its pace the bridge has a few seconds after its start, under load from its first 200 on. */
    private void measureEarlyPace(ServerProcess server, LoadGenerator generator, int run) throws InterruptedException {
        Duration until = EARLY.minus(server.age());
        LoadResult early = generator.run(Load.closed(MOST_CONNECTIONS, Cell.SMALL,
                until.isNegative() ? Duration.ZERO : until, EARLY_MEASURED), () -> { });
        LoadResult settled = generator.run(Load.closed(MOST_CONNECTIONS, Cell.SMALL, options.warmUp(),
                options.measured()), () -> { });
        add("pace " + EARLY.toSeconds() + " s after the start, of that after " + options.warmUp().toSeconds()
                + " s more of load", run, 100 * early.perSecond() / settled.perSecond(), "%");
        add("most memory by then", run, server.usage().peakBytes() / 1e6, "MB");
    }

    /** What an event allocates, a small one and a large one. */
    void measureAllocation(int run) throws IOException, InterruptedException {
        Benchmark.clear(work);
        withServer(contenders.bridge(), (server, generator) -> {
            addAllocation(generator, Cell.SMALL, run);
            addAllocation(generator, Cell.LARGE, run);
        });
    }

    /** What a million remembered ids take, and what a backlog in the outbox does. */
    void measureMemory(int run) throws IOException, InterruptedException {
        Benchmark.clear(work);
        withServer(contenders.bridge(), (server, generator) -> addMemory("idle", server, run));
        seedIds();
        Duration start = withServer(contenders.bridge(), (server, generator) ->
                addMemory(IDS + " remembered ids", server, run));
        add(IDS + " remembered ids: start to first 200", run, start.toNanos() / 1e9, "s");
        withServer(contenders.bridgeQueued(), (server, generator) -> measureBacklog(server, generator, run));
    }

    private void addAllocation(LoadGenerator generator, int bytes, int run) throws IOException, InterruptedException {
        generator.run(Load.closed(CONNECTIONS, bytes, Duration.ZERO, options.warmUp()), () -> { });
        double before = metric("jvm_gc_memory_allocated_bytes_total");
        // the metric moves with each collection, so that a longer time makes it exact
        Duration measured = options.measured().multipliedBy(2);
        LoadResult result = generator.run(Load.closed(CONNECTIONS, bytes, Duration.ZERO, measured), () -> { });
        double allocated = metric("jvm_gc_memory_allocated_bytes_total") - before;
        add("allocated for an event of " + bytes + " bytes, " + CONNECTIONS + " connections", run,
                allocated / result.acceptedAll() / 1024, "KB");
    }

    /** Writes the accepted ids as the bridge would have left them. */
    private void seedIds() throws IOException {
        Benchmark.clear(work);
        try (FilledStore store = new FilledStore(work.resolve("data"))) {
            store.withSeen(IDS);
        }
    }

    private void measureBacklog(ServerProcess server, LoadGenerator generator, int run)
            throws IOException, InterruptedException {
        sink.busAway(true);
        Sink.Counts before = sink.counts();
        String name = "backlog of " + BACKLOG;
        LoadResult filled = generator.run(new Load(CONNECTIONS, 0, Cell.SMALL, Duration.ZERO, UNTIL_FILLED, BACKLOG),
                () -> { });
        add(name + ": taken", run, filled.acceptedAll() / (filled.measured().toNanos() / 1e9), "events/s");
        addMemory(name, server, run);
        sink.busAway(false);
        long backAt = System.nanoTime();
        while (sink.counts().minus(before).entries() == 0) {
            sleepUnlessTooLong(backAt);
        }
        long drainingSince = System.nanoTime();
        Sink.Counts begun = sink.counts();
        while (sink.counts().minus(before).entries() < filled.acceptedAll()) {
            sleepUnlessTooLong(backAt);
        }
        add(name + ": from EventBridge's return to its first event", run, (drainingSince - backAt) / 1e9, "s");
        add(name + ": drained", run, filled.acceptedAll() / ((System.nanoTime() - drainingSince) / 1e9), "events/s");
        Sink.Counts drained = sink.counts().minus(begun);
        add(name + ": a request", run, (double) drained.entries() / drained.requests(), "entries");
        add(name + ": peak RSS", run, server.usage().peakBytes() / 1e6, "MB");
    }

    private static void sleepUnlessTooLong(long since) throws InterruptedException {
        if (System.nanoTime() - since > UNTIL_DRAINED.toNanos()) {
            throw new IllegalStateException("The backlog was not drained within " + UNTIL_DRAINED.toMinutes()
                    + " minutes");
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }

    private void addMemory(String name, ServerProcess server, int run) throws IOException, InterruptedException {
        if (Jcmd.isBeside(options.java())) {
            for (int i = 0; i < COLLECTIONS; i++) {
                new Jcmd(options.java(), server.pid()).ask("GC.run");
            }
            add(name + ": heap after collection", run, metric("jvm_memory_used_bytes{area=\"heap\"") / 1e6, "MB");
        }
        add(name + ": RSS", run, server.usage().bytes() / 1e6, "MB");
    }

    /** The sum of the samples that begin so. */
    private double metric(String start) throws IOException, InterruptedException {
        String text = client.send(HttpRequest.newBuilder(metrics).timeout(UNTIL_COLLECTED).build(),
                BodyHandlers.ofString())
                .body();
        return text.lines().filter(line -> line.startsWith(start))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }
}
