package org.routingbridge.several;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.routingbridge.simulator.FreePorts;

/** A PostgreSQL that is stopped, killed and started again, on the same port with the same data. */
public final class PostgresProcess implements AutoCloseable {

    /** Whom the bridges connect as. */
    public static final String USER = "bridge";

    private static final Path SERVERS = Path.of("target", "postgres-under-test");
    private static final String ADMINISTRATOR = "postgres";

    private final int port = FreePorts.choose(1)[0];
    private final Path data;
    private EmbeddedPostgres server;
    private int databases;

    public PostgresProcess() {
        try {
            Files.createDirectories(SERVERS);
            data = Files.createTempDirectory(SERVERS, "several").toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
        execute("create role " + USER + " login");
    }

    /** An empty database, where bridges find it. */
    public String newDatabase() {
        String name = "bridge_" + ++databases;
        execute("create database " + name + " owner " + USER);
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + name;
    }

    /** It is there when this returns. Its commits are synced, which this edition does not do unless it is told to. */
    void start() {
        try {
            server = EmbeddedPostgres.builder().setPort(port).setDataDirectory(data).setCleanDataDirectory(false)
                    .setOverrideWorkingDirectory(SERVERS.resolve("binaries").toAbsolutePath().toFile())
                    .setServerConfig("fsync", "on").setServerConfig("synchronous_commit", "on")
                    .setServerConfig("shared_buffers", "64MB").start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As an administrator stops it, whose clients are sent away. */
    void stop() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All of its processes, by SIGKILL. */
    void kill() {
        ProcessHandle first = postmaster();
        Stream.concat(Stream.of(first), first.descendants().toList().stream())
                .forEach(ProcessHandle::destroyForcibly);
        first.onExit().join();
        stop();
    }

    /** The process that all of its others descend from. */
    public ProcessHandle postmaster() {
        try {
            return ProcessHandle.of(Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid"),
                    StandardCharsets.US_ASCII).get(0).strip())).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it keeps everything. */
    public Path data() {
        return data;
    }

    /** From now on it has no connection for the bridges, those they have included. */
    void refuseConnections() {
        execute("alter role " + USER + " connection limit 0");
        execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = '" + USER + "'");
    }

    /** As many as they ask for. */
    void allowConnections() {
        execute("alter role " + USER + " connection limit -1");
    }

    /** There again and open to all, whatever a case that failed has left. */
    void mend() {
        try {
            allowConnections();
        } catch (IllegalStateException e) {
            start();
            allowConnections();
        }
    }

    private void execute(String sql) {
        try (Connection connection = server.getDatabase(ADMINISTRATOR, ADMINISTRATOR).getConnection();
             Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
