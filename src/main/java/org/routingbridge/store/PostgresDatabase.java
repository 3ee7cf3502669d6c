package org.routingbridge.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.routingbridge.failure.FailureText;

/**
 * A PostgreSQL that several bridges share. What is written down in its books each bridge has in a row of its own, which
 * changes with every commit: it also tells whether a commit was carried out whose answer was cut off.
 */
final class PostgresDatabase implements Database {

    private static final String OWN = " where instance = ?";
    private static final String KEEP_BOOKS = "update books set " + Books.COLUMNS.replace(", ", " = ?, ")
            + " = ?, kept_at = clock_timestamp()" + OWN;
    private static final String ENTER_BOOKS = "insert into books (" + Books.COLUMNS + ", instance) values (?"
            + ", ?".repeat(Books.COLUMNS.split(",").length) + ") on conflict (instance) do nothing";
    private static final String READ_BOOKS = "select " + Books.COLUMNS + ", instance from books";
    private static final String NOW = "select (extract(epoch from clock_timestamp()) * 1000)::bigint";

    /** That the connection is gone, or the server has no room or has failed; by the first two letters. */
    private static final Set<String> AWAY_CLASSES = Set.of("08", "53", "58", "F0", "XX");
    /**
     * The same by the whole code: stopped by hand or for the time it took, waited too long for a lock, stood idle too
     * long, became one that is only read, is not ready yet.
     */
    private static final Set<String> AWAY = Set.of("57014", "57P01", "57P02", "57P03", "57P04", "57P05", "55P03",
            "25P03", "25P04", "25006");
    private static final Set<String> IN_THE_WAY = Set.of("40001", "40P01");

    /** Whose books those of bridges that are gone become. */
    private static final String FORMER = "former";
    private static final Duration LONGEST_ABSENCE = Duration.ofHours(1);

    private final PostgresAddress address;
    private final Membership membership;
    private final SteadyClock clock;
    private final String longestAbsence;

    PostgresDatabase(PostgresAddress address, Membership membership, SteadyClock clock) {
        this(address, membership, clock, LONGEST_ABSENCE);
    }

    /** @param longestAbsence after which the books of a bridge that is not alive are no longer its own */
    PostgresDatabase(PostgresAddress address, Membership membership, SteadyClock clock, Duration longestAbsence) {
        this.longestAbsence = longestAbsence.toMillis() + " milliseconds";
        this.address = address;
        this.membership = membership;
        this.clock = clock;
    }

    @Override
    public void start(Executor beside, Consumer<SQLException> suspect) {
        // nothing goes on beside, and the server looks after its files
    }

    @Override
    public String where() {
        return "url=" + address;
    }

    @Override
    public String what() {
        return "PostgreSQL";
    }

    @Override
    public boolean opensSlowly() {
        return true;
    }

    @Override
    public Opened open(boolean isFirst) throws SQLException {
        Connection connection = address.connect("writer");
        PostgresSession session = new PostgresSession(connection);
        try {
            session.begin();
            PostgresSchema.createOrCheck(session, address);
            clock.follow(session.number(NOW));
            return new Opened(session, ownBooks(session));
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** Waits for a commit of ours that the server may still be at, whatever became of its connection. */
    private Books ownBooks(Session session) throws SQLException {
        session.update(ENTER_BOOKS, parameters(Books.EMPTY, name()));
        Books books = session.first(Books::read, READ_BOOKS + OWN + " for update", name());
        if (books == null) {
            throw new SQLException("the books are not what was written");
        }
        return books;
    }

    private String name() {
        return membership.instance().toString();
    }

    private Object[] parameters(Books books, String instance) {
        Object[] row = books.row(clock.mark());
        Object[] parameters = Arrays.copyOf(row, row.length + 1);
        parameters[row.length] = instance;
        return parameters;
    }

    @Override
    public void opened(Books books, boolean isFirst) {
        // there is nothing else to be done
    }

    @Override
    public void notOpened() {
        // what makes room is the server's
    }

    @Override
    public Session openReader() throws SQLException {
        return new PostgresSession(address.connect("reader"));
    }

    @Override
    public void keep(Session session, Books books) throws SQLException {
        if (session.update(KEEP_BOOKS, parameters(books, name())) == 0) {
            // this bridge was away for so long that its books were closed: it begins new ones
            throw new SQLException("The bridge was away for too long", "08000");
        }
    }

    @Override
    public void committed(Session session, Books books) {
        // the server keeps what is committed
    }

    @Override
    public void afterCommit(Session session) {
        // the server keeps its house
    }

    /**
     * The books of bridges that are gone become one row. One that was only away for so long finds its own gone, and
     * begins new ones.
     */
    @Override
    public Work<?> housekeeping() {
        return session -> {
            String live = membership.live().stream().map(UUID::toString).collect(Collectors.joining(",", "{", "}"));
            // those who do this at the same time do it one after the other
            session.update(ENTER_BOOKS, parameters(Books.EMPTY, FORMER));
            Books former = session.first(Books::read, READ_BOOKS + OWN + " for update", FORMER);
            List<Books> gone = session.list(PostgresDatabase::readOf, "delete from books where instance not in (?, ?)"
                    + " and instance != all (cast(? as text[])) and kept_at < clock_timestamp() - cast(? as interval)"
                    + " returning " + Books.COLUMNS, FORMER, name(), live, longestAbsence);
            if (former != null && !gone.isEmpty()) {
                session.update(KEEP_BOOKS, parameters(gone.stream().reduce(former, Books::plus), FORMER));
            }
            return null;
        };
    }

    @Override
    public Fault faultOf(SQLException e) {
        String state = e.getSQLState();
        if (state == null || state.length() < 2) {
            return Fault.OF_THE_WORK;
        }
        if (IN_THE_WAY.contains(state)) {
            return Fault.OF_THE_MOMENT;
        }
        return AWAY.contains(state) || AWAY_CLASSES.contains(state.substring(0, 2)) ? Fault.AWAY : Fault.OF_THE_WORK;
    }

    @Override
    public boolean isOutcomeUnknown(SQLException e) {
        return faultOf(e) != Fault.OF_THE_MOMENT;
    }

    @Override
    public void failing(Fault fault) {
        // it is connected to anew
    }

    @Override
    public void wellAgain() {
        // nothing was given up for it
    }

    @Override
    public String describe(SQLException e) {
        return FailureText.of(e);
    }

    @Override
    public String damage() {
        return null;
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public SharedBooks sharedBooks(Session reader) throws SQLException {
        String own = name();
        Map<Boolean, Books> sums = reader.list(row -> Map.entry(own.equals(row.getString("instance")), readOf(row)),
                READ_BOOKS).stream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, Books::plus));
        Books others = sums.getOrDefault(false, Books.EMPTY);
        return new SharedBooks(others.plus(sums.getOrDefault(true, Books.EMPTY)), others);
    }

    static Books allBooks(Session reader) throws SQLException {
        return reader.list(PostgresDatabase::readOf, READ_BOOKS).stream().reduce(Books.EMPTY, Books::plus);
    }

    private static Books readOf(ResultSet row) throws SQLException {
        Books books = Books.read(row);
        return books == null ? Books.EMPTY : books;
    }

    @Override
    public void leave(Session session) {
        // the connection is all there is
    }

    @Override
    public void close() {
        // the connections are the store's
    }
}
