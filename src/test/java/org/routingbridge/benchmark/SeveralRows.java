package org.routingbridge.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.routingbridge.several.PostgresProcess;

/**
 * What a shared store costs: one bridge with its own store, one with PostgreSQL and two with one PostgreSQL, each half
 * of the connections, all on the cores of this machine; and what becomes of the database while they take many events.
 */
final class SeveralRows {

    private static final Cell LOAD = Cell.closed(256, 0);
    private static final int PARTS = 4;
    private static final Duration AT_MOST = Duration.ofHours(3);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final double MEGA = 1e6;

    private final BenchmarkOptions options;
    private final Contenders contenders;
    private final Sink sink;
    private final Report report;
    private final int port;
    private final int[] otherPorts;
    private final Path work;

    /** @param otherPorts of the second bridge: the webhook's and the management's */
    SeveralRows(BenchmarkOptions options, Contenders contenders, Sink sink, Report report, int port, int[] otherPorts,
            Path work) {
        this.options = options;
        this.contenders = contenders;
        this.sink = sink;
        this.report = report;
        this.port = port;
        this.otherPorts = otherPorts;
        this.work = work;
    }

    private interface Work {
        void on(Measurement measurement, LoadGenerator generator) throws IOException, InterruptedException;
    }

    void measure(int run) throws IOException, InterruptedException {
        withServer(contenders.bridge(), List.of(port), (measurement, generator) ->
                report.add(measurement.row(LOAD, run)));
        // the lines that its own start leaves do not belong among the rows
        Configurator.setLevel("io.zonky.test", Level.WARN);
        PostgresProcess database = new PostgresProcess();
        try (database) {
            ProcessHandle postmaster = database.postmaster();
            withServer(contenders.bridgeShared(store(database.newDatabase())), List.of(port),
                    (measurement, generator) -> report.add(measurement.withDatabase(() ->
                            Usage.secondsWithEnded(postmaster)).row(LOAD, run)));
            String url = database.newDatabase();
            withServer(contenders.twoBridgesShared(store(url), otherPorts[0], otherPorts[1]),
                    List.of(port, otherPorts[0]), (measurement, generator) -> {
                        report.add(measurement.withDatabase(() -> Usage.secondsWithEnded(postmaster)).row(LOAD, run));
                        fill(generator, url, run);
                    });
        } finally {
            Benchmark.clear(database.data());
        }
    }

    private static Map<String, String> store(String url) {
        return Map.of("BRIDGE_STORE_URL", url, "BRIDGE_STORE_USER", PostgresProcess.USER,
                "BRIDGE_STORE_PASSWORD", "nobody-asks-for-it-here");
    }

    private void withServer(Contender contender, List<Integer> ports, Work todo)
            throws IOException, InterruptedException {
        sink.busLatency(0);
        Benchmark.clear(work);
        try (ServerProcess server = ServerProcess.start(contender, Benchmark.log(contender));
                LoadGenerator generator = new LoadGenerator(ports, Contenders.PATH, Contenders.HEADERS, PATIENCE)) {
            for (int each : ports) {
                server.awaitFirstAccepted(each, Contenders.PATH, Contenders.HEADERS);
            }
            Measurement measurement = new Measurement(options, sink, contender, server, generator);
            measurement.warmUp();
            todo.on(measurement, generator);
        } finally {
            Benchmark.clear(work);
        }
    }

    /** Sends very many events, and looks at the database now and then. */
    private void fill(LoadGenerator generator, String url, int run) throws InterruptedException {
        long accepted = 0;
        for (int part = 1; part <= PARTS; part++) {
            LoadResult result = generator.run(new Load(LOAD.connections(), 0, LOAD.bytes(), Duration.ZERO, AT_MOST,
                    options.events() / PARTS), () -> { });
            accepted += result.acceptedAll();
            String name = "after " + accepted + " events";
            add(name + ": events/s since the last look", run,
                    result.acceptedAll() / (result.measured().toNanos() / 1e9), "events/s");
            look(name, url, run);
        }
    }

    private void look(String name, String url, int run) {
        try (Connection connection = DriverManager.getConnection(url, PostgresProcess.USER, "");
                Statement statement = connection.createStatement()) {
            try (ResultSet size = statement.executeQuery("select pg_database_size(current_database())")) {
                size.next();
                add(name + ": database", run, size.getLong(1) / MEGA, "MB");
            }
            try (ResultSet tables = statement.executeQuery("select relname, pg_total_relation_size(relid),"
                    + " n_live_tup, n_dead_tup, autovacuum_count from pg_stat_user_tables"
                    + " where n_tup_ins > 0 order by 2 desc")) {
                while (tables.next()) {
                    String table = String.format(Locale.ROOT, "%s: %s", name, tables.getString(1));
                    add(table + " with indexes", run, tables.getLong(2) / MEGA, "MB");
                    add(table + ", live", run, (double) tables.getLong(3), "rows");
                    add(table + ", dead", run, (double) tables.getLong(4), "rows");
                    add(table + ", vacuumed", run, (double) tables.getLong(5), "times");
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("The database does not answer: " + e.getMessage(), e);
        }
    }

    private void add(String name, int run, double value, String unit) {
        report.add(new Figure(name, run, value, unit));
    }
}
