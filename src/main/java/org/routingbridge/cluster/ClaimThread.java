package org.routingbridge.cluster;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.routingbridge.cluster.Claims.Answer;
import org.routingbridge.cluster.Claims.Found;
import org.routingbridge.store.ClaimTable;

/**
 * Asks the store for ids. What is in flight at another bridge is looked at again and again, all of it together, until
 * it is accepted there, or free.
 */
final class ClaimThread extends StatementThread<AskedClaim> {

    private static final Duration LOOK = Duration.ofMillis(30);
    private static final Duration IDLE = Duration.ofSeconds(5);
    /** What is in flight longer is compared with what is known here. */
    private static final Duration LEFT_BEHIND = Duration.ofSeconds(15);

    private static final Duration LONGEST_STANDSTILL = Duration.ofMinutes(2);

    private final UUID instance;
    private final long ttlMillis;
    private final Map<UUID, Long> begun;
    private final EndingThread ending;
    private final Map<UUID, AskedClaim> elsewhere = new LinkedHashMap<>();
    private long nextLook = System.nanoTime();
    private long nextSweep = System.nanoTime() + IDLE.toNanos();
    private long sweptUntil;

    /**
     * @param begun  the claims that are in flight here, with their turns
     * @param ending writes down that one is not
     */
    ClaimThread(Link link, UUID instance, Duration ttl, Map<UUID, Long> begun, EndingThread ending) {
        super("claims", link);
        this.instance = instance;
        this.ttlMillis = ttl.toMillis();
        this.begun = begun;
        this.ending = ending;
    }

    @Override
    void execute(List<AskedClaim> some) throws SQLException {
        Map<UUID, AskedClaim> asked = new LinkedHashMap<>();
        for (AskedClaim one : some) {
            if (asked.putIfAbsent(one.id(), one) != null) {
                // a statement takes each id once
                add(one);
            }
        }
        claim(asked);
    }

    private void claim(Map<UUID, AskedClaim> asked) throws SQLException {
        Connection connection = link.connection();
        PreparedStatement statement = link.prepared(ClaimStatements.CLAIM);
        statement.setObject(1, instance);
        statement.setLong(2, ttlMillis);
        statement.setArray(3, connection.createArrayOf("uuid", asked.keySet().toArray()));
        statement.setArray(4, connection.createArrayOf("bigint",
                asked.values().stream().map(AskedClaim::turn).toArray()));
        statement.setArray(5, connection.createArrayOf("text",
                asked.values().stream().map(AskedClaim::orderingKey).toArray()));
        Map<UUID, Answer> answers = new HashMap<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                Found found = rows.getBoolean(2) ? Found.OURS : rows.getBoolean(4) ? Found.ACCEPTED : Found.IN_FLIGHT;
                answers.put(rows.getObject(1, UUID.class), new Answer(found, rows.getBoolean(3),
                        rows.getObject(5, Long.class), rows.getBoolean(6)));
            }
        }
        answers.forEach((id, answer) -> answered(asked.get(id), answer));
    }

    private void answered(AskedClaim asked, Answer answer) {
        switch (answer.found()) {
            case OURS -> {
                // what nobody waits for any more may have ended meanwhile, or never begun
                if (!asked.settle(answer) && (asked.isGivenUp() || !isBegun(asked))) {
                    ending.release(asked.id(), asked.turn(), false);
                }
            }
            case ACCEPTED -> over(asked, answer);
            default -> {
                asked.foundElsewhere();
                elsewhere.put(asked.id(), asked);
            }
        }
    }

    private boolean isBegun(AskedClaim asked) {
        return Long.valueOf(asked.turn()).equals(begun.get(asked.id()));
    }

    /** It is not ours, and nobody here is to end it. */
    private void over(AskedClaim asked, Answer answer) {
        begun.remove(asked.id(), asked.turn());
        asked.settle(answer);
    }

    @Override
    void failed(List<AskedClaim> some) {
        // what it was told of before it failed, it may do when it goes on
        sweptUntil = Math.max(0, sweptUntil - LONGEST_STANDSTILL.toMillis());
        some.forEach(asked -> asked.settle(Answer.UNKNOWN));
    }

    @Override
    Duration idleTime() {
        return elsewhere.isEmpty() ? IDLE : LOOK;
    }

    @Override
    void idle() throws SQLException {
        long now = System.nanoTime();
        elsewhere.values().removeIf(asked -> asked.answer().isDone());
        if (!elsewhere.isEmpty() && now - nextLook >= 0) {
            look();
            nextLook = System.nanoTime() + LOOK.toNanos();
        }
        if (now - nextSweep >= 0) {
            sweep();
            nextSweep = System.nanoTime() + IDLE.toNanos();
        }
    }

    private void look() throws SQLException {
        PreparedStatement statement = link.prepared(ClaimStatements.LOOK);
        statement.setObject(1, instance);
        statement.setLong(2, ttlMillis);
        statement.setArray(3, link.connection().createArrayOf("uuid", elsewhere.keySet().toArray()));
        Map<UUID, AskedClaim> free = new LinkedHashMap<>();
        List<UUID> accepted = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                UUID id = rows.getObject(1, UUID.class);
                if (rows.getBoolean(2)) {
                    free.put(id, elsewhere.get(id));
                } else if (rows.getBoolean(3)) {
                    accepted.add(id);
                }
            }
        }
        accepted.forEach(id -> over(elsewhere.remove(id), Answer.ACCEPTED));
        if (!free.isEmpty()) {
            claim(free);
            free.values().stream().filter(asked -> asked.answer().isDone()).map(AskedClaim::id)
                    .forEach(elsewhere::remove);
        }
    }

    /**
     * A claim that the store was told of and did not answer in time may have been made after its event had ended here:
     * others would wait for it in vain.
     */
    private void sweep() throws SQLException {
        long until = now() - LEFT_BEHIND.toMillis();
        PreparedStatement statement = link.prepared(ClaimStatements.IN_FLIGHT);
        statement.setLong(1, sweptUntil == 0 ? until : sweptUntil);
        statement.setLong(2, until);
        statement.setObject(3, instance);
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                UUID id = rows.getObject(1, UUID.class);
                if (!Long.valueOf(rows.getLong(2)).equals(begun.get(id))) {
                    ending.release(id, rows.getLong(2), true);
                }
            }
        }
        sweptUntil = until;
    }

    /** By the database's clock. */
    private long now() throws SQLException {
        try (ResultSet row = link.prepared("select " + ClaimTable.NOW).executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
