package org.routingbridge.benchmark;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

import com.sun.management.OperatingSystemMXBean;

/**
 * Measures rows of one running server. Before each the load goes on until the server has settled under it, for a
 * bounded time; a row that others disturbed is measured again, a bounded number of times.
 */
final class Measurement {

    private static final Duration BEFORE_A_ROW = Duration.ofSeconds(1);
    private static final Duration WINDOW = Duration.ofSeconds(2);
    private static final Duration NO_PROGRESS = Duration.ofSeconds(2);
    private static final Duration NO_PROGRESS_AFTER_OUTAGE = Duration.ofSeconds(20);
    private static final Duration UNTIL_ARRIVED = Duration.ofMinutes(2);
    private static final int LOOK_MILLIS = 20;
    private static final int WARM_UP_CONNECTIONS = 64;

    private final OperatingSystemMXBean self = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final BenchmarkOptions options;
    private final Sink sink;
    private final Contender contender;
    private final ServerProcess server;
    private final LoadGenerator generator;
    private LongSupplier allocated = () -> 0;
    private DoubleSupplier database = () -> 0;

    Measurement(BenchmarkOptions options, Sink sink, Contender contender, ServerProcess server,
            LoadGenerator generator) {
        this.options = options;
        this.sink = sink;
        this.contender = contender;
        this.server = server;
        this.generator = generator;
    }

    /** @param bytes of heap that the server has allocated so far; asked outside of the measured time */
    Measurement withAllocation(LongSupplier bytes) {
        allocated = bytes;
        return this;
    }

    /** @param cpuSeconds that the server's database has used so far */
    Measurement withDatabase(DoubleSupplier cpuSeconds) {
        database = cpuSeconds;
        return this;
    }

    /** The load before a server's first row. */
    void warmUp() throws InterruptedException {
        Sink.Counts before = sink.counts();
        LoadResult result = generator.run(
                Load.closed(WARM_UP_CONNECTIONS, Cell.SMALL, Duration.ZERO, options.warmUp()), () -> { });
        awaitArrival(before, result.acceptedAll(), NO_PROGRESS);
    }

    Row row(Cell cell, int run) throws InterruptedException {
        return row(contender.name(), cell, run);
    }

    /** @param name that the row gets in place of the server's */
    Row row(String name, Cell cell, int run) throws InterruptedException {
        Tries tries = new Tries();
        do {
            tries.add(once(name, cell, run));
        } while (!tries.isEnough());
        return tries.best();
    }

    /** What stands where the measured time begins or ends. */
    private record Mark(long nanos, Usage server, Sink.Counts sink, long loadNanos, long sinkNanos, long ownNanos,
                        double databaseSeconds, double machineSeconds) {
    }

    private Mark mark() {
        return new Mark(System.nanoTime(), server.usage(), sink.counts(), generator.cpuNanos(), sink.cpuNanos(),
                self.getProcessCpuTime(), database.getAsDouble(), Usage.machineSeconds());
    }

    private Row once(String name, Cell cell, int run) throws InterruptedException {
        sink.busLatency(cell.busMillis());
        Settled settled = settle(cell);
        sink.busAway(cell.busAway());
        Sink.Counts before = sink.counts();
        List<Mark> marks = new ArrayList<>();
        long allocatedBefore = allocated.getAsLong();
        LoadResult result = generator.run(cell.load(BEFORE_A_ROW, options.measured()), () -> marks.add(mark()));
        double allocatedBytes = allocated.getAsLong() - allocatedBefore;
        sink.busAway(false);
        long lost = settled.lost() + awaitArrival(before, result.acceptedAll(), patience(cell));

        Mark from = marks.get(0);
        Mark to = marks.get(1);
        double seconds = (to.nanos - from.nanos) / 1e9;
        double events = Math.max(1, result.accepted());
        Sink.Counts between = to.sink.minus(from.sink);
        double serverSeconds = to.server.cpu().minus(from.server.cpu()).toNanos() / 1e9;
        double databaseSeconds = to.databaseSeconds - from.databaseSeconds;
        double other = to.machineSeconds - from.machineSeconds - serverSeconds - databaseSeconds
                - (to.ownNanos - from.ownNanos) / 1e9;
        return new Row(name, cell.name(), run, result.perSecond(), result.notAccepted(),
                result.sortedOutcomes(), result.millisAt(50), result.millisAt(99), result.millisAt(99.9),
                result.millisAt(100), serverSeconds / events * 1000, to.server.peakBytes() / 1e6,
                between.requests() == 0 ? 0 : (double) between.entries() / between.requests(),
                contender.notifies() ? 100.0 * between.notifications() / events : 0,
                Math.max(0, 100 * other / seconds / Runtime.getRuntime().availableProcessors()),
                (to.loadNanos - from.loadNanos) / events / 1e3, (to.sinkNanos - from.sinkNanos) / events / 1e3, lost,
                1, settled.isSettled(), allocatedBytes / Math.max(1, result.acceptedAll()) / 1024,
                databaseSeconds / events * 1000);
    }

    private static Duration patience(Cell cell) {
        return cell.busAway() ? NO_PROGRESS_AFTER_OUTAGE : NO_PROGRESS;
    }

    /** @param lost events that were accepted until then and did not come to EventBridge */
    private record Settled(boolean isSettled, long lost) {
    }

    /** Puts the server under a row's load until it has settled or the time is over, and lets all of that arrive. */
    private Settled settle(Cell cell) throws InterruptedException {
        Settling settling = new Settling();
        sink.busAway(cell.busAway());
        Sink.Counts before = sink.counts();
        long accepted = 0;
        long began = System.nanoTime();
        while (!settling.isSettled() && System.nanoTime() - began < options.settle().toNanos()) {
            double compilerBefore = server.compilerSeconds();
            Duration cpuBefore = server.usage().cpu();
            LoadResult result = generator.run(cell.load(Duration.ZERO, WINDOW), () -> { });
            accepted += result.acceptedAll();
            settling.add(new Settling.Window(WINDOW.toNanos() / 1e9, result.acceptedAll(),
                    server.usage().cpu().minus(cpuBefore).toNanos() / 1e9,
                    server.compilerSeconds() - compilerBefore));
        }
        sink.busAway(false);
        return new Settled(settling.isSettled(), awaitArrival(before, accepted, patience(cell)));
    }

    /**
     * Waits until everything accepted has come to EventBridge and the data lake, or nothing more comes.
     *
     * @return events that were accepted and have not come to EventBridge
     */
    private long awaitArrival(Sink.Counts before, long accepted, Duration patience) throws InterruptedException {
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
                    || System.nanoTime() - began > UNTIL_ARRIVED.toNanos()) {
                return lost;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }
}
