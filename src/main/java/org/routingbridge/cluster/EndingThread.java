package org.routingbridge.cluster;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/**
 * Writes down what became of ids that were in flight here. What cannot be written is kept, in its order, until it can;
 * nobody waits for that.
 */
final class EndingThread extends StatementThread<EndingThread.Ended> {

    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final int MOST_TOGETHER = 1000;

    private enum How { ACCEPTED, KEPT, RELEASED, FORGOTTEN }

    /** What is to be written of one id. */
    static final class Ended {
        private final How how;
        private final UUID id;
        private final long at = System.nanoTime();
        private final long turn;
        private final boolean passed;
        private final String orderingKey;
        private final Long newestMillis;
        private final CompletableFuture<Void> written = new CompletableFuture<>();

        private Ended(How how, UUID id, long turn, boolean passed, String orderingKey, Long newestMillis) {
            this.how = how;
            this.id = id;
            this.turn = turn;
            this.passed = passed;
            this.orderingKey = orderingKey;
            this.newestMillis = newestMillis;
        }
    }

    private final UUID instance;
    private final long mostEntries;
    private final Map<UUID, Ended> unwritten = new ConcurrentHashMap<>();
    private final Queue<Ended> waitedFor = new ConcurrentLinkedQueue<>();
    /** What could not be written; the thread's own. */
    private final Deque<Ended> left = new ArrayDeque<>();

    EndingThread(Link link, UUID instance, long mostEntries) {
        super("confirmations", link);
        this.instance = instance;
        this.mostEntries = mostEntries;
    }

    CompletableFuture<Void> accept(UUID id, String orderingKey, Long newestMillis) {
        Ended accepted = new Ended(How.ACCEPTED, id, 0, true, orderingKey, newestMillis);
        unwritten.put(id, accepted);
        return await(accepted);
    }

    /** Moves a key's watermark alone. */
    CompletableFuture<Void> advance(UUID id, String orderingKey, Long newestMillis) {
        return await(new Ended(How.KEPT, id, 0, true, orderingKey, newestMillis));
    }

    private CompletableFuture<Void> await(Ended ended) {
        if (failure() != null || isClosing()) {
            ended.written.complete(null);
        } else {
            waitedFor.add(ended);
        }
        add(ended);
        return ended.written;
    }

    void release(UUID id, long turn, boolean passed) {
        add(new Ended(How.RELEASED, id, turn, passed, null, null));
    }

    void forget(UUID id) {
        add(new Ended(How.FORGOTTEN, id, 0, false, null, null));
    }

    /** Whether an id was accepted here and the others do not know yet. */
    boolean isUnwritten(UUID id) {
        return unwritten.containsKey(id);
    }

    /** Whoever has waited long enough goes on; by {@link System#nanoTime()}. */
    void endWaiting(long now) {
        waitedFor.removeIf(ended -> {
            if (!ended.written.isDone() && now - ended.at > SharedClaims.LONGEST_CONFIRMATION.toNanos()) {
                suspect(SharedClaims.NO_ANSWER);
                ended.written.complete(null);
            }
            return ended.written.isDone();
        });
    }

    @Override
    void execute(List<Ended> some) throws SQLException {
        writeWhatIsLeft();
        write(some);
    }

    @Override
    void idle() throws SQLException {
        writeWhatIsLeft();
    }

    @Override
    Duration idleTime() {
        return IDLE;
    }

    private void writeWhatIsLeft() throws SQLException {
        while (!left.isEmpty()) {
            List<Ended> some = left.stream().limit(MOST_TOGETHER).toList();
            write(some);
            some.forEach(ended -> left.poll());
        }
    }

    @Override
    void failed(List<Ended> some) {
        left.addAll(some);
        some.forEach(ended -> ended.written.complete(null));
        while (left.size() > mostEntries) {
            Ended lost = left.poll();
            unwritten.remove(lost.id, lost);
        }
    }

    private void write(List<Ended> some) throws SQLException {
        Map<UUID, Ended> accepted = of(How.ACCEPTED, some);
        Map<UUID, Ended> kept = of(How.KEPT, some);
        if (!accepted.isEmpty() || !kept.isEmpty()) {
            writeAccepted(accepted.values(), kept.values());
        }
        Map<UUID, Ended> released = of(How.RELEASED, some);
        if (!released.isEmpty()) {
            writeReleased(released.values());
        }
        Map<UUID, Ended> forgotten = of(How.FORGOTTEN, some);
        if (!forgotten.isEmpty()) {
            PreparedStatement statement = link.prepared(ClaimStatements.FORGET);
            statement.setArray(1, ids(forgotten.values()));
            statement.executeUpdate();
        }
        for (Ended ended : some) {
            if (ended.how == How.ACCEPTED) {
                unwritten.remove(ended.id, ended);
            }
            ended.written.complete(null);
        }
    }

    /** The last of each id. */
    private static Map<UUID, Ended> of(How how, List<Ended> some) {
        Map<UUID, Ended> each = new LinkedHashMap<>();
        for (Ended ended : some) {
            if (ended.how == how) {
                each.put(ended.id, ended);
            }
        }
        return each;
    }

    private java.sql.Array ids(Collection<Ended> some) throws SQLException {
        return link.connection().createArrayOf("uuid", some.stream().map(ended -> ended.id).toArray());
    }

    private void writeAccepted(Collection<Ended> accepted, Collection<Ended> kept) throws SQLException {
        long now = System.nanoTime();
        Connection connection = link.connection();
        PreparedStatement statement = link.prepared(ClaimStatements.ACCEPT);
        statement.setObject(1, instance);
        statement.setArray(2, ids(accepted));
        statement.setArray(3, connection.createArrayOf("bigint",
                accepted.stream().map(ended -> (now - ended.at) / 1_000_000).toArray()));
        Map<String, Long> watermarks = new TreeMap<>();
        Stream.of(accepted, kept).flatMap(Collection::stream).filter(ended -> ended.newestMillis != null)
                .forEach(ended -> watermarks.merge(ended.orderingKey, ended.newestMillis, Math::max));
        statement.setArray(4, connection.createArrayOf("text", watermarks.keySet().toArray()));
        statement.setArray(5, connection.createArrayOf("bigint", watermarks.values().toArray()));
        statement.executeUpdate();
    }

    private void writeReleased(Collection<Ended> released) throws SQLException {
        Connection connection = link.connection();
        PreparedStatement statement = link.prepared(ClaimStatements.RELEASE);
        statement.setArray(1, ids(released));
        statement.setArray(2, connection.createArrayOf("bigint", released.stream().map(one -> one.turn).toArray()));
        statement.setArray(3, connection.createArrayOf("boolean", released.stream().map(one -> one.passed).toArray()));
        statement.setObject(4, instance);
        statement.executeUpdate();
        if (released.stream().anyMatch(one -> !one.passed)) {
            PreparedStatement unpassed = link.prepared(ClaimStatements.DELETE_UNPASSED);
            unpassed.setArray(1, ids(released));
            unpassed.executeUpdate();
        }
    }
}
