package org.routingbridge.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * A real PostgreSQL: one server for all tests of a JVM, which run one after the other, so that each may freeze or crash
 * it, and a fresh database for each who asks. It ends with the JVM.
 */
public final class PostgresForTests {

    private static final String USER = "postgres";
    private static final Path SERVERS = Path.of("target", "postgres-under-test");
    /** The library has it sync no disk: processes are killed here, and no machine. */
    private static final List<String> SPARING = List.of("shared_buffers", "32MB", "max_wal_size", "256MB",
            "synchronous_commit", "on");

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static PostgresForTests shared;

    private final EmbeddedPostgres server;
    private final Path data;

    private PostgresForTests() {
        try {
            Files.createDirectories(SERVERS);
            data = Files.createTempDirectory(SERVERS, "data").toAbsolutePath();
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(SERVERS.resolve("binaries").toAbsolutePath().toFile())
                    .setDataDirectory(data);
            for (int i = 0; i < SPARING.size(); i += 2) {
                builder.setServerConfig(SPARING.get(i), SPARING.get(i + 1));
            }
            server = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A fresh, empty database on the server that all share, as {@code jdbc:postgresql://…}, its user in it. */
    public static String url() {
        return shared().newDatabase();
    }

    /** The server, for whoever does it harm; it is thawed again before the test ends. */
    public static synchronized PostgresForTests shared() {
        if (shared == null) {
            shared = new PostgresForTests();
        }
        return shared;
    }

    /** A fresh, empty database on this server. */
    public String newDatabase() {
        String name = "bridges_" + DATABASES.incrementAndGet();
        execute("create database " + name);
        return server.getJdbcUrl(USER, name);
    }

    /** As the server's administrator, outside of any database of a test. */
    public void execute(String sql) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
             Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All of the server's processes stand still, their connections open. */
    public void freeze() {
        signal("STOP");
    }

    /** One of its processes dies, as for want of memory: the server ends all others and starts anew from its log. */
    public void crash() {
        try {
            ProcessHandle first = ProcessHandle.of(postmaster()).orElseThrow();
            send("KILL", first.children().map(ProcessHandle::pid).findAny().orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long postmaster() throws IOException {
        return Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid"), StandardCharsets.US_ASCII).get(0)
                .strip());
    }

    /** They go on. */
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            long postmaster = postmaster();
            ProcessHandle first = ProcessHandle.of(postmaster).orElseThrow();
            // in this order it cannot start another meanwhile
            send(name, postmaster);
            for (ProcessHandle one : first.descendants().toList()) {
                send(name, one.pid());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void send(String signal, long pid) throws IOException {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start();
            if (!kill.waitFor(10, TimeUnit.SECONDS)) {
                throw new IOException("kill has not ended");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
