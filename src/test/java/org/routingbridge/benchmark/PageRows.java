package org.routingbridge.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What it costs that the bridge tells the story of each recent event, and that somebody has the operations page open:
 * rows of one process with it and without it, in turn, since two processes of the same program differ by more than
 * that.
 */
final class PageRows {

    private static final int PAIRS = 5;
    private static final Cell LOAD = Cell.closed(256, 0);

    private final BenchmarkOptions options;
    private final Contender bridge;
    private final Sink sink;
    private final Report report;
    private final int port;
    private final int managementPort;
    private final Path work;

    PageRows(BenchmarkOptions options, Contender bridge, Sink sink, Report report, int port, int managementPort,
            Path work) {
        this.options = options;
        this.bridge = bridge;
        this.sink = sink;
        this.report = report;
        this.port = port;
        this.managementPort = managementPort;
        this.work = work;
    }

    /** @throws IllegalStateException where the Java that is measured has no jcmd */
    void measure() throws IOException, InterruptedException {
        if (!Jcmd.isBeside(options.java())) {
            throw new IllegalStateException("The set page needs a JDK, for its jcmd");
        }
        Benchmark.clear(work);
        try (ServerProcess server = ServerProcess.start(bridge, Benchmark.log(bridge));
                LoadGenerator generator = new LoadGenerator(port, Contenders.PATH, Contenders.HEADERS)) {
            server.awaitFirstAccepted(port, Contenders.PATH, Contenders.HEADERS);
            Jcmd jcmd = new Jcmd(options.java(), server.pid());
            StoriesSwitch stories = new StoriesSwitch(jcmd, work.resolve("agent"));
            // the first time, all compiled code is thrown away
            stories.set(true);
            Measurement measurement = new Measurement(options, sink, bridge, server, generator)
                    .withAllocation(() -> allocated(jcmd));
            measurement.warmUp();
            report.add(new Cost("stories", inTurn((isOn, run) -> {
                stories.set(isOn);
                return measurement.row(isOn ? "bridge, stories" : "bridge, no stories", LOAD, run);
            })));
            stories.set(true);
            report.add(new Cost("page open", inTurn((isOpen, run) -> {
                if (!isOpen) {
                    return measurement.row("bridge, page closed", LOAD, run);
                }
                PageReader page = new PageReader(managementPort);
                try {
                    return measurement.row("bridge, page open", LOAD, run);
                } finally {
                    page.leave();
                }
            })));
        } finally {
            Benchmark.clear(work);
        }
    }

    private interface Measured {
        Row row(boolean isWith, int run) throws IOException, InterruptedException;
    }

    /** With it and without it, then without it and with it, so that what changes slowly counts for neither. */
    private List<Cost.Pair> inTurn(Measured measured) throws IOException, InterruptedException {
        List<Cost.Pair> pairs = new ArrayList<>();
        for (int run = 1; run <= PAIRS; run++) {
            boolean isWithFirst = run % 2 == 1;
            Row first = measured.row(isWithFirst, run);
            report.add(first);
            Row second = measured.row(!isWithFirst, run);
            report.add(second);
            pairs.add(isWithFirst ? new Cost.Pair(first, second) : new Cost.Pair(second, first));
        }
        return pairs;
    }

    private static long allocated(Jcmd jcmd) {
        try {
            return jcmd.allocatedBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("It was interrupted", e);
        }
    }
}
