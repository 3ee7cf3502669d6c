package org.routingbridge.cluster;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import org.routingbridge.cluster.Claims.Answer;
import org.routingbridge.cluster.Claims.Found;
import org.routingbridge.settings.SettingsForTests;
import org.routingbridge.store.ClaimTable;
import org.routingbridge.store.PostgresAddress;

/** What bridges on one database have of the cluster, without the bridges. */
final class BridgesForTests implements AutoCloseable {

    /** The bridge's own hundred thousand take a processor for most of a second where C2 does not compile them. */
    private static final int FEW_ROUNDS = 1_000;

    static final String KEY = "key";

    /** One of them. */
    record Bridge(Members members, SharedClaims claims) {

        CompletableFuture<Answer> asks(UUID id) {
            return asks(id, KEY);
        }

        CompletableFuture<Answer> asks(UUID id, String key) {
            return claims.claim(id, key, System.nanoTime() + Duration.ofSeconds(2).toNanos());
        }

        Found finds(UUID id) {
            return asks(id).join().found();
        }

        void accepts(UUID id) {
            claims.accept(id, KEY, null).join();
        }
    }

    private final PostgresAddress address;
    private final List<Bridge> bridges = new ArrayList<>();

    BridgesForTests(String url) {
        address = new PostgresAddress(url, null, null);
        // the store's, of which a claim asks whether a key waits
        execute("create table outbox (seq bigint primary key, ordering_key text)");
    }

    Bridge start(String... settings) {
        return start(Duration.ofHours(1), settings);
    }

    Bridge start(Duration ttl, String... settings) {
        Members members = new Members(address, SettingsForTests.with(settings), millis -> { },
                "bridge-" + bridges.size(), FEW_ROUNDS);
        members.start();
        SharedClaims claims = new SharedClaims(address, members, ttl, 1000);
        claims.start();
        Bridge bridge = new Bridge(members, claims);
        bridges.add(bridge);
        return bridge;
    }

    /** As if it had ended long ago without a word. */
    void kill(Bridge bridge) {
        bridge.claims().close();
        bridge.members().close();
        execute("update member set gone = false, seen_at = clock_timestamp() - interval '11 s' where instance = '"
                + bridge.members().instance() + "'");
    }

    /** One that has just given a sign of life in this session, has an id in flight, and says nothing from now on. */
    UUID silent(Connection session, UUID inFlight) throws SQLException {
        UUID instance = UUID.randomUUID();
        try (Statement statement = session.createStatement()) {
            statement.execute("insert into member (instance, name, seen_at, gone, backend) values ('" + instance
                    + "', 'silent', clock_timestamp(), false, pg_backend_pid())");
            statement.execute("insert into claim (id, owner, turn, state, passed, accepted_at, since) values ('"
                    + inFlight + "', '" + instance + "', 1, " + ClaimTable.IN_FLIGHT + ", true, " + ClaimTable.NOW
                    + ", " + ClaimTable.NOW + ")");
        }
        return instance;
    }

    Connection connect() throws SQLException {
        return address.connect("test");
    }

    void execute(String sql) {
        try (Connection connection = address.connect("test"); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    long number(String sql) {
        try (Connection connection = address.connect("test"); Statement statement = connection.createStatement();
             ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        bridges.forEach(bridge -> {
            bridge.claims().close();
            bridge.members().close();
        });
    }
}
