package org.routingbridge.cluster;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.routingbridge.failure.FailureText;
import org.routingbridge.failure.LastingFault;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.settings.Settings;
import org.routingbridge.store.Membership;
import org.routingbridge.store.PostgresAddress;
import org.routingbridge.store.StoreUnusable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bridges on one store. Each gives a sign of life every second and reads the others'. One that was not heard of for
 * three seconds and whose session the server has ended is dead to the others: a process that dies leaves none. One that
 * keeps its session, since its machine died or its network was cut, is dead after six. A bridge holds itself for out a
 * second before the one, two before the other. Times are the database's, so that no machine's clock counts. Few, since
 * a sender that tries for some ten seconds has to outlive more than one owner of its event's id; not fewer, since a
 * bridge that is slow to be scheduled must not be taken for a dead one.
 */
public final class Members implements Membership, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Members.class);
    private static final Duration BEAT = Duration.ofSeconds(1);
    /** Of the digest of the webhook's secret, some 0.3 s of a start. */
    private static final int ROUNDS = 100_000;
    /** Before it is dead to the others, by as long as what it has begun may take. */
    private static final Duration OUT = Duration.ofSeconds(ClaimStatements.SILENCE_SECONDS - 2);
    /** After which one without a session counts as dead. */
    private static final int MISSED_SECONDS = 3;
    private static final Duration OUT_WITHOUT_SESSION = Duration.ofSeconds(MISSED_SECONDS - 1);
    /** PostgreSQL's code of what a role may not do. */
    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final Duration LONGEST_START = Duration.ofSeconds(10);
    private static final Duration CLOSING = Duration.ofSeconds(2);
    private static final String PURGE = "purge";

    private static final String SIGN = "insert into member (instance, name, seen_at, gone, accounting, publishes,"
            + " backend) values (?, ?, clock_timestamp(), false, ?, ?, pg_backend_pid()) on conflict (instance)"
            + " do update set seen_at = excluded.seen_at, gone = false, backend = excluded.backend,"
            + " publishes = excluded.publishes, accounting = coalesce(excluded.accounting, member.accounting)";
    private static final String IS_LIVE = "not gone and seen_at > clock_timestamp() - "
            + ClaimStatements.LONGEST_SILENCE;
    /** A number that another session got meanwhile makes no bridge dead that is not. Nobody's row is waited for. */
    private static final String BURY = "update member set gone = true where instance in (select instance from member"
            + " where not gone and seen_at < clock_timestamp() - interval '" + MISSED_SECONDS + " s'"
            + " and not exists (select 1 from pg_stat_activity where pid = member.backend) for update skip locked)";
    private static final String READ = "select instance, name, (extract(epoch from seen_at) * 1000)::bigint, "
            + IS_LIVE + ", accounting, publishes, (extract(epoch from clock_timestamp()) * 1000)::bigint from member"
            + " where seen_at > clock_timestamp() - " + ClaimStatements.A_DAY + " order by name, seen_at";
    private static final String LEASE = "insert into lease (name, owner) values (?, ?) on conflict (name) do update"
            + " set owner = excluded.owner where lease.owner = excluded.owner or not exists (select 1 from member"
            + " where member.instance = lease.owner and " + IS_LIVE + ")";
    private static final String END = "update member set gone = true, seen_at = clock_timestamp(),"
            + " accounting = coalesce(?, accounting) where instance = ?";

    private final UUID instance = UUID.randomUUID();
    private final String name;
    private final CommonSettings common;
    private final List<String> leases;
    private final Link link;
    private final ClaimPurge purge;
    private final LongConsumer clock;
    private final LastingFault fault = new LastingFault();
    private final CompletableFuture<Void> joined = new CompletableFuture<>();
    private final ScheduledExecutorService beating = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "membership");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Supplier<String> accounting = () -> null;
    private volatile BooleanSupplier publishes = () -> true;
    private volatile List<Member> all = List.of();
    private volatile Set<UUID> live = Set.of();
    private volatile Set<UUID> publishing = Set.of();
    private volatile Set<String> held = Set.of();
    private volatile boolean wasIn;
    private volatile long lastBeat;
    private volatile boolean hasSession;
    private boolean buries = true;
    private volatile String failure = "it was not reached yet";
    private boolean in;

    /**
     * @param clock is told the database's time with every sign of life, in milliseconds since the epoch
     */
    public Members(PostgresAddress address, Settings settings, LongConsumer clock) {
        this(address, settings, clock, HostName.get() + ":" + settings.port(), ROUNDS);
    }

    Members(PostgresAddress address, Settings settings, LongConsumer clock, String name, int rounds) {
        this.name = name;
        this.clock = clock;
        common = new CommonSettings(settings, rounds);
        leases = settings.registrationEnabled() ? List.of(RegistrationLease.NAME, PURGE) : List.of(PURGE);
        link = new Link(address, "membership", ClaimStatements.PREPARE_CLAIMS);
        purge = new ClaimPurge(link, settings.idempotencyTtl(), settings.idempotencyMaxEntries());
    }

    /**
     * Joins the others, or begins to try to.
     *
     * @throws InvalidSettings where they have other settings
     * @throws StoreUnusable   where they have another version
     */
    public void start() {
        beating.scheduleWithFixedDelay(this::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
        try {
            joined.get(LONGEST_START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            close();
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            LOG.warn("The shared store is not there yet; the bridge starts without waiting for it reason={}", failure);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What this bridge tells the others of its numbers, as JSON. */
    public void accounting(Supplier<String> numbers) {
        accounting = numbers;
    }

    /** How this bridge knows whether it can publish what waits, which it tells the others. */
    public void publishing(BooleanSupplier canPublish) {
        publishes = canPublish;
    }

    @Override
    public UUID instance() {
        return instance;
    }

    /** Under which it stands in lists: its host and port. */
    public String name() {
        return name;
    }

    @Override
    public Set<UUID> live() {
        return live;
    }

    @Override
    public Set<UUID> publishing() {
        return publishing;
    }

    @Override
    public boolean publishes() {
        return publishes.getAsBoolean();
    }

    @Override
    public boolean isIn() {
        return wasIn && System.nanoTime() - lastBeat < (hasSession ? OUT : OUT_WITHOUT_SESSION).toNanos();
    }

    /** All that were heard of within a day, this one among them, as they were last read. */
    public List<Member> all() {
        return all;
    }

    /** Whether this bridge is the one that does what only one does. */
    boolean holds(String lease) {
        return held.contains(lease) && isIn();
    }

    /** Why this bridge is not among the others, in a sentence, or null. */
    public String failure() {
        return failure;
    }

    private void beat() {
        try {
            stayIn();
            joined.complete(null);
            if (held.contains(PURGE) && !purge()) {
                stayIn();
            }
        } catch (InvalidSettings | StoreUnusable e) {
            if (!joined.completeExceptionally(e)) {
                out(e.getMessage());
            }
        } catch (SQLException e) {
            out(FailureText.fit(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("A fault of the bridge, at the store that it shares", e);
            out("a fault of the bridge");
        }
    }

    /** Gives a sign of life; where the session has ended, in a new one, before the others can hold it for dead. */
    private void stayIn() throws SQLException {
        try {
            signInOrJoin();
        } catch (SQLException e) {
            if (!in) {
                throw e;
            }
            LOG.debug("The session of the shared store has ended, and a new one is begun", e);
            loseSession();
            signInOrJoin();
        }
    }

    private void signInOrJoin() throws SQLException {
        if (!in) {
            join();
        }
        long began = System.nanoTime();
        sign();
        lastBeat = began;
        hasSession = true;
        wasIn = true;
        failure = null;
        if (fault.isEndToBeTold()) {
            LOG.info("The shared store answers again thread=membership");
        }
    }

    private void loseSession() {
        hasSession = false;
        in = false;
        link.drop();
    }

    /**
     * What cannot be taken out just now can be later.
     *
     * @return whether the session is still there
     */
    private boolean purge() throws SQLException {
        try {
            purge.step();
            return true;
        } catch (SQLException e) {
            LOG.debug("What is over stays in the shared tables for now", e);
            return link.connection().isValid((int) CLOSING.toSeconds());
        }
    }

    private void out(String reason) {
        loseSession();
        failure = reason;
        if (fault.isToBeTold()) {
            LOG.warn("This bridge is not among those of the shared store reason={}", reason);
        }
    }

    private void join() throws SQLException {
        Connection connection = link.connection();
        connection.setAutoCommit(false);
        try {
            ClusterTables.lock(connection);
            ClusterTables.create(connection);
            boolean others = areOthers();
            if (!others) {
                ClusterTables.upgrade(connection);
            }
            common.agree(connection, others);
            if (!others && !joined.isDone()) {
                ClusterTables.forgetWatermarks(connection);
            }
            signOfLife(null);
            connection.commit();
        } finally {
            // what was not committed is dropped with the connection
            if (!connection.isClosed()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
        in = true;
    }

    private boolean areOthers() throws SQLException {
        PreparedStatement statement = link.prepared("select count(*) from member where instance <> ? and " + IS_LIVE);
        statement.setObject(1, instance);
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getInt(1) > 0;
        }
    }

    private void signOfLife(String numbers) throws SQLException {
        PreparedStatement statement = link.prepared(SIGN);
        statement.setObject(1, instance);
        statement.setString(2, name);
        statement.setString(3, numbers);
        statement.setBoolean(4, publishes());
        statement.executeUpdate();
    }

    private void sign() throws SQLException {
        signOfLife(accounting.get());
        List<String> ours = new ArrayList<>();
        for (String lease : leases) {
            PreparedStatement statement = link.prepared(LEASE);
            statement.setString(1, lease);
            statement.setObject(2, instance);
            if (statement.executeUpdate() == 1) {
                ours.add(lease);
            }
        }
        held = Set.copyOf(ours);
        bury();
        List<Member> read = new ArrayList<>();
        long now = 0;
        try (ResultSet rows = link.prepared(READ).executeQuery()) {
            while (rows.next()) {
                read.add(new Member(rows.getObject(1, UUID.class), rows.getString(2),
                        Instant.ofEpochMilli(rows.getLong(3)), rows.getBoolean(4), rows.getBoolean(6),
                        rows.getString(5)));
                now = rows.getLong(7);
            }
        }
        clock.accept(now);
        live = instances(read.stream().filter(Member::isLive));
        publishing = instances(read.stream().filter(member -> member.isLive() && member.publishes()));
        all = List.copyOf(read);
    }

    private static Set<UUID> instances(Stream<Member> members) {
        return members.map(Member::instance).collect(Collectors.toUnmodifiableSet());
    }

    /** Where the role may not see whose sessions there are, those that die are dead after six seconds. */
    private void bury() throws SQLException {
        if (!buries) {
            return;
        }
        try {
            link.prepared(BURY).executeUpdate();
        } catch (SQLException e) {
            if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            buries = false;
            LOG.warn("The role of the shared store may not read pg_stat_activity, so that a bridge that dies is missed"
                    + " after {} s in place of {} s", ClaimStatements.SILENCE_SECONDS, MISSED_SECONDS);
        }
    }

    /** In order: what it had is the others' at once. */
    @Override
    public void close() {
        beating.shutdown();
        try {
            if (beating.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS) && in) {
                leave();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.debug("The others find out by themselves that this bridge has ended", e);
        } finally {
            wasIn = false;
            link.close();
        }
    }

    private void leave() throws SQLException {
        PreparedStatement statement = link.prepared(END);
        statement.setString(1, accounting.get());
        statement.setObject(2, instance);
        statement.executeUpdate();
    }
}
