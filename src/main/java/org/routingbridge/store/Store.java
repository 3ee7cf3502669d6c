package org.routingbridge.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

import org.routingbridge.failure.FailureText;
import org.routingbridge.failure.LastingFault;
import org.routingbridge.settings.DataDirectory;
import org.routingbridge.store.Database.Fault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one database that keeps what must not be lost: the outbox, notifications, dead letters, rejected events, seen ids
 * and the books of all these. One thread writes: it takes all work that waits, does it in one transaction and commits
 * that at once, so that a commit is shared by as many as came while the last one was under way. There is no timer and
 * nobody lingers. No thread is held by who waits for a commit. Readers have connections of their own and hold up
 * nobody.
 *
 * <p>Whatever the {@link Database} does, the process goes on: work fails with {@link StoreUnavailable} while it is full
 * or gone, and succeeds again by itself once it is well.
 */
public final class Store implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Store.class);
    /** Work in one transaction at most; what is more shares the next one. */
    private static final int MOST_TOGETHER = 1000;
    /** The same work, where others' was in its way. */
    private static final int MOST_TRIES = 3;
    private static final Duration TRY_AGAIN = Duration.ofMillis(500);
    private static final Duration HOUSEKEEPING = Duration.ofMillis(50);
    private static final Duration OTHERS_BOOKS = Duration.ofSeconds(1);
    private static final Duration LONGEST_READING = Duration.ofMillis(500);
    /** A commit that lasts longer than this is reported as a disk that does not answer. */
    private static final Duration LONGEST_COMMIT = Duration.ofSeconds(5);
    private static final Duration TIDY_UP = Duration.ofMinutes(1);
    private static final int READERS = 3;
    private static final long NOTABLE_JUMP_MILLIS = 2000;
    /** The webhook is to answer soon, whatever the disk does. */
    private static final Duration LONGEST_START = Duration.ofSeconds(60);
    private static final Duration CLOSING = Duration.ofSeconds(2);

    /** A commit of which it is not known whether it was carried out; the number of commits tells. */
    private record Unknown(List<Write<?>> writes, long commits) {
    }

    private final Database database;
    private final SteadyClock clock;
    private final SlotShare share;
    private final Queue<Write<?>> waiting = new ConcurrentLinkedQueue<>();
    private final List<Work<?>> whenOpened = new CopyOnWriteArrayList<>();
    /** Of this opening; what was opened before may be another file. */
    private volatile ArrayDeque<Session> idleReaders = new ArrayDeque<>();
    private final Thread writer = new Thread(this::write, "store-writer");
    private final ScheduledExecutorService housekeeping = Executors.newScheduledThreadPool(2,
            task -> daemon(task, "store-housekeeping"));
    /** By itself, since a server that stands still holds it up, and nobody waits for a commit longer for that. */
    private final ScheduledExecutorService bookkeeping = Executors.newSingleThreadScheduledExecutor(
            task -> daemon(task, "store-books"));
    private final CompletableFuture<Void> firstTry = new CompletableFuture<>();
    private volatile List<Write<?>> together = List.of();
    private volatile long commitBegan;
    private volatile Books books = Books.EMPTY;
    /** Those of the other bridges, as they were read last. */
    private volatile Books othersBooks = Books.EMPTY;
    private volatile Books allBooks = Books.EMPTY;
    private volatile String failure;
    private volatile boolean open;
    private final LastingFault fault = new LastingFault();
    private volatile boolean closing;
    private volatile boolean closed;
    private long nextTry = System.nanoTime();
    private Session session;
    private volatile Unknown unknown;

    public Store(DataDirectory dataDirectory, SteadyClock clock) {
        this(dataDirectory.path(), clock);
    }

    /** In a directory that nobody else has claimed. */
    public Store(Path directory, SteadyClock clock) {
        this(new SqliteDatabase(directory, clock), clock);
    }

    /** In a PostgreSQL that other bridges share. The clock follows the database's. */
    public Store(PostgresAddress address, Membership membership, SteadyClock clock) {
        this(address, membership, clock, SlotShare.Times.USUAL);
    }

    Store(PostgresAddress address, Membership membership, SteadyClock clock, SlotShare.Times times) {
        database = new PostgresDatabase(address, membership, clock);
        this.clock = clock;
        share = new SlotShare(this, membership, times);
        writer.setDaemon(true);
    }

    Store(Database database, SteadyClock clock) {
        this.database = database;
        this.clock = clock;
        share = SlotShare.all();
        writer.setDaemon(true);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Opens the database, or begins to try to.
     *
     * @throws StoreUnusable where it is not to be opened as it is, which is for a person to deal with
     */
    public void start() {
        database.start(housekeeping, this::suspect);
        writer.start();
        housekeeping.scheduleWithFixedDelay(this::keepHouse, HOUSEKEEPING.toMillis(), HOUSEKEEPING.toMillis(),
                TimeUnit.MILLISECONDS);
        if (database.isShared()) {
            bookkeeping.scheduleWithFixedDelay(this::readOthersBooks, OTHERS_BOOKS.toMillis(),
                    OTHERS_BOOKS.toMillis(), TimeUnit.MILLISECONDS);
            housekeeping.scheduleWithFixedDelay(this::tidyUp, TIDY_UP.toMillis(), TIDY_UP.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
        try {
            firstTry.get(LONGEST_START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            close();
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            LOG.warn("The store is not open yet; the bridge starts without waiting for it {}", database.where());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        share.start();
    }

    /**
     * What is to be read whenever the database has been opened, before anything else is done with it; at once where it
     * is open.
     */
    public void whenOpened(Work<?> reading) {
        whenOpened.add(reading);
        if (open) {
            try {
                write(reading).await();
            } catch (StoreUnavailable e) {
                readNow(reading);
            }
        }
    }

    /** What cannot be written to can be read, and nothing else is written meanwhile. */
    private void readNow(Work<?> reading) {
        try {
            read(reading);
        } catch (StoreUnavailable e) {
            LOG.debug("What is read whenever the store is opened waits until it is opened again", e);
        }
    }

    /** Does the work with the next commit, however long that takes. */
    public <T> Write<T> write(Work<T> work) {
        return write(work, null);
    }

    /**
     * Does the work with the next commit.
     *
     * @param deadline by {@link System#nanoTime()}, when the answer comes at the latest; null for never
     */
    public <T> Write<T> write(Work<T> work, Long deadline) {
        Write<T> write = new Write<>(work, deadline);
        if (closing) {
            write.failed(new StoreUnavailable("The bridge is stopping"));
        } else {
            waiting.add(write);
            LockSupport.unpark(writer);
            if (closed && waiting.remove(write)) {
                write.failed(new StoreUnavailable("The bridge is stopping"));
            }
        }
        return write;
    }

    /** Reads what is committed, on this thread. */
    public <T> T read(Work<T> reading) {
        ArrayDeque<Session> idle = idleReaders;
        Session reader = null;
        try {
            reader = takeReader(idle);
            T result = reading.in(reader);
            giveBack(reader, idle);
            return result;
        } catch (SQLException e) {
            closeFailed(reader);
            suspect(e);
            if (database.faultOf(e) == Fault.AWAY) {
                // the others were opened to what is no longer there
                closeReaders();
            }
            throw new StoreUnavailable("The store cannot be read: " + database.describe(e));
        } catch (RuntimeException e) {
            closeFailed(reader);
            throw e;
        }
    }

    private static void closeFailed(Session reader) {
        if (reader != null) {
            reader.close();
        }
    }

    private Session takeReader(ArrayDeque<Session> idle) throws SQLException {
        if (!open) {
            throw new SQLException(failure == null ? "it is not open" : failure);
        }
        synchronized (idle) {
            Session reader = idle.poll();
            if (reader != null) {
                return reader;
            }
        }
        return database.openReader();
    }

    private void giveBack(Session reader, ArrayDeque<Session> idle) {
        synchronized (idle) {
            if (idle == idleReaders && idle.size() < READERS) {
                idle.add(reader);
                return;
            }
        }
        reader.close();
    }

    public SteadyClock clock() {
        return clock;
    }

    /** As committed last; what other bridges have done since a moment ago may be missing. */
    public Books books() {
        return database.isShared() ? books.plus(othersBooks) : books;
    }

    /** As they were at one moment, so that they balance; as they were last while they cannot be read. */
    public Books balancedBooks() {
        if (!database.isShared()) {
            return books;
        }
        try {
            Future<?> reading = bookkeeping.submit(this::readOthersBooks);
            try {
                reading.get(LONGEST_READING.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                // what has not begun need not be done any more
                reading.cancel(false);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            LOG.debug("The books are told as they were read last", e);
        }
        return allBooks;
    }

    private void readOthersBooks() {
        try {
            Database.SharedBooks read = read(database::sharedBooks);
            othersBooks = read.others();
            allBooks = read.all();
        } catch (RuntimeException e) {
            LOG.debug("The books of the other bridges are what they were when they were read last", e);
        }
    }

    /** What may wait until the next time where it fails. */
    void tidyUp() {
        write(database.housekeeping());
    }

    /** What of the waiting rows this bridge hands out. */
    public SlotShare share() {
        return share;
    }

    /** Why nothing can be written just now, in a sentence, or null. */
    public String failure() {
        long began = commitBegan;
        if (failure == null && began != 0 && System.nanoTime() - began > LONGEST_COMMIT.toNanos()) {
            return database.what() + " has not answered for " + (System.nanoTime() - began) / 1_000_000_000 + " s";
        }
        return failure;
    }

    /** What was found damaged in this process's time, in a sentence, or null. */
    public String damage() {
        return database.damage();
    }

    public boolean isOpen() {
        return open;
    }

    private void write() {
        while (!closing || !waiting.isEmpty()) {
            if (waiting.isEmpty() && session != null) {
                LockSupport.park(this);
                if (waiting.isEmpty()) {
                    continue;
                }
            }
            if (session == null && !openIfItIsTime()) {
                giveUpOn(take());
                LockSupport.parkNanos(this, HOUSEKEEPING.toNanos());
                continue;
            }
            commit(take());
        }
        shut();
    }

    private List<Write<?>> take() {
        List<Write<?>> taken = new ArrayList<>();
        for (Write<?> next = waiting.poll(); next != null;
                next = taken.size() < MOST_TOGETHER ? waiting.poll() : null) {
            if (next.begin()) {
                taken.add(next);
            }
        }
        together = taken;
        return taken;
    }

    private void giveUpOn(List<Write<?>> writes) {
        writes.forEach(write -> write.failed(cannotBeWritten()));
    }

    private StoreUnavailable cannotBeWritten() {
        return new StoreUnavailable("The store cannot be written to: " + failure);
    }

    /** While the disk fails one transaction in half a second finds out whether it is well again. */
    private boolean isTimeToTry() {
        return failure == null || System.nanoTime() - nextTry >= 0;
    }

    private void commit(List<Write<?>> writes) {
        if (writes.isEmpty()) {
            return;
        }
        if (!isTimeToTry()) {
            giveUpOn(writes);
            return;
        }
        commitBegan = System.nanoTime();
        try {
            commitTogether(writes);
        } finally {
            commitBegan = 0;
            together = List.of();
        }
        if (session != null) {
            database.afterCommit(session);
        }
    }

    private void commitTogether(List<Write<?>> writes) {
        Throwable fault = transaction(writes);
        for (int tries = 1; faultOf(fault) == Fault.OF_THE_MOMENT && tries < MOST_TRIES; tries++) {
            fault = transaction(writes);
        }
        if (fault != null && session == null && unknown == null && database.isShared() && openIfItIsTime()) {
            // a connection may break where the server is well
            fault = transaction(writes);
        }
        if (fault == null) {
            settle(writes);
        } else if (unknown != null && unknown.writes() == writes) {
            LOG.warn("A commit was cut off; whether it was carried out is looked up when the store is open again");
        } else if (faultOf(fault) == Fault.OF_THE_MOMENT) {
            Throwable refusal = refusal(fault);
            writes.forEach(write -> write.failed(refusal));
        } else if (writes.size() == 1 && !isStoreFault(fault)) {
            writes.get(0).failed(refusal(fault));
        } else if (session == null || isStoreFault(fault)) {
            giveUpOn(writes);
        } else {
            // one of them is at fault; none of the others is to suffer for it
            writes.forEach(write -> commitTogether(List.of(write)));
        }
    }

    private Fault faultOf(Throwable fault) {
        return fault instanceof SQLException failed ? database.faultOf(failed) : Fault.OF_THE_WORK;
    }

    private boolean isStoreFault(Throwable fault) {
        return faultOf(fault) != Fault.OF_THE_WORK;
    }

    private Throwable refusal(Throwable fault) {
        return fault instanceof SQLException failed
                ? new StoreUnavailable("The store refuses it: " + database.describe(failed)) : fault;
    }

    /**
     * Does the work of all of them and commits it.
     *
     * @return null, or why nothing was changed, so far as that is known; whatever that is, the thread goes on, since
     *     all who write need it
     */
    private Throwable transaction(List<Write<?>> writes) {
        if (session == null) {
            return new SQLException(failure);
        }
        boolean isCommitting = false;
        boolean wasWell = failure == null;
        try {
            session.books().clear();
            session.begin();
            for (Write<?> write : writes) {
                write.run(session);
            }
            session.flush();
            session.books().add(Books.Entry.COMMITS, 1);
            database.keep(session, books.plus(session.books()));
            isCommitting = true;
            session.commit();
            return null;
        } catch (SQLException e) {
            if (isCommitting && database.isOutcomeUnknown(e)) {
                unknown = new Unknown(writes, books.plus(session.books()).of(Books.Entry.COMMITS));
                failing(e, Fault.AWAY, wasWell);
                return e;
            }
            rollBack();
            Fault kind = database.faultOf(e);
            if (kind == Fault.DAMAGE) {
                damaged(e);
            } else if (kind == Fault.AWAY || kind == Fault.FULL) {
                failing(e, kind, wasWell);
            }
            return e;
        } catch (RuntimeException | Error e) {
            rollBack();
            return e;
        }
    }

    private void settle(List<Write<?>> writes) {
        books = books.plus(session.books());
        session.books().clear();
        database.committed(session, books);
        boolean isWellAgain = failure != null;
        failure = null;
        writes.forEach(Write::committed);
        if (isWellAgain) {
            database.wellAgain();
            if (fault.isEndToBeTold()) {
                LOG.info("The store can be written to again");
            }
        }
    }

    private void rollBack() {
        session.books().clear();
        try {
            session.rollBack();
        } catch (SQLException e) {
            // the connection is made anew
            failure = database.describe(e);
            closeSession();
        }
    }

    private void failing(SQLException e, Fault kind, boolean wasWell) {
        String reason = database.describe(e);
        if (fault.isToBeTold()) {
            LOG.error("The store cannot be written to; what EventBridge does not take at once stays with its sender"
                    + " until it can reason={}", reason);
        }
        failure = reason;
        nextTry = System.nanoTime() + (database.isShared() && wasWell ? 0 : TRY_AGAIN.toNanos());
        database.failing(kind);
        if (kind != Fault.FULL) {
            closeSession();
        }
    }

    /** Something that is read does not make sense. */
    private void suspect(SQLException e) {
        if (database.faultOf(e) == Fault.DAMAGE) {
            write(any -> {
                throw e;
            });
        }
    }

    private void damaged(SQLException e) {
        failure = "the database is damaged: " + database.describe(e);
        database.failing(Fault.DAMAGE);
        closeSession();
        nextTry = System.nanoTime();
    }

    private boolean openIfItIsTime() {
        if (System.nanoTime() - nextTry < 0) {
            return false;
        }
        try {
            commitBegan = System.nanoTime();
            openSession();
            failure = null;
            open = true;
            if (fault.isEndToBeTold()) {
                LOG.info("The store is open {}", database.where());
            }
            firstTry.complete(null);
            return true;
        } catch (StoreUnusable e) {
            failure = e.getMessage();
            closeSession();
            nextTry = System.nanoTime() + TRY_AGAIN.toNanos();
            firstTry.completeExceptionally(e);
            return false;
        } catch (SQLException | IOException | RuntimeException e) {
            cannotBeOpened(e);
            return false;
        } finally {
            commitBegan = 0;
        }
    }

    private void cannotBeOpened(Exception e) {
        closeSession();
        database.notOpened();
        String reason = e instanceof SQLException sql ? database.describe(sql) : FailureText.of(e);
        if (fault.isToBeTold()) {
            LOG.error("The store cannot be opened and is tried again; what EventBridge does not take at once stays with"
                    + " its sender until it can {} reason={}", database.where(), reason);
        }
        failure = reason;
        nextTry = System.nanoTime() + TRY_AGAIN.toNanos();
        // the bridge starts all the same: most events never need the store
        firstTry.complete(null);
    }

    private void openSession() throws SQLException, IOException {
        boolean isFirst = !firstTry.isDone();
        Database.Opened opened = database.open(isFirst);
        session = opened.session();
        books = opened.books();
        try {
            for (Work<?> reading : whenOpened) {
                reading.in(session);
            }
            session.commit();
        } catch (SQLException e) {
            database.failing(database.faultOf(e));
            throw e;
        }
        database.opened(books, isFirst);
        settleUnknown();
    }

    private void settleUnknown() {
        if (unknown != null) {
            Unknown looked = unknown;
            unknown = null;
            if (books.of(Books.Entry.COMMITS) >= looked.commits()) {
                looked.writes().forEach(Write::committed);
            } else {
                looked.writes().forEach(write -> write.failed(new StoreUnavailable("The commit was not carried out")));
            }
        }
    }

    private void keepHouse() {
        long now = System.nanoTime();
        long setBy = clock.setBy();
        if (Math.abs(setBy) >= NOTABLE_JUMP_MILLIS) {
            LOG.warn("The machine's clock was set {} by {} s; waits and ages go on by the time that has passed",
                    setBy > 0 ? "forward" : "back", Math.abs(setBy) / 1000);
        }
        together.forEach(write -> write.endIfOverdue(now));
        Unknown cutOff = unknown;
        if (cutOff != null) {
            cutOff.writes().forEach(write -> write.endIfOverdue(now));
        }
        // with what it holds, which is a request's and may be large
        waiting.removeIf(write -> write.endIfOverdue(now));
        if (!open && failure != null && database.opensSlowly()) {
            waiting.removeIf(write -> write.giveUp(cannotBeWritten()));
        }
        boolean failing = failure != null && open && now - nextTry >= 0;
        if (failing && waiting.isEmpty()) {
            // finds out whether the disk is well again where no event does
            waiting.add(new Write<>(any -> null, null));
        }
        if (!waiting.isEmpty() || session == null) {
            LockSupport.unpark(writer);
        }
    }

    private void closeSession() {
        open = false;
        closeReaders();
        if (session != null) {
            session.close();
            session = null;
        }
    }

    private void closeReaders() {
        ArrayDeque<Session> idle = idleReaders;
        synchronized (idle) {
            idleReaders = new ArrayDeque<>();
            idle.forEach(Session::close);
            idle.clear();
        }
    }

    private void shut() {
        closed = true;
        giveUpOn(take());
        if (unknown != null) {
            nextTry = System.nanoTime();
            openIfItIsTime();
        }
        if (session != null && failure == null) {
            database.leave(session);
        }
        closeSession();
    }

    /** Commits what waits, and closes the database. */
    @Override
    public void close() {
        share.close();
        closing = true;
        LockSupport.unpark(writer);
        try {
            writer.join(CLOSING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // where the disk hangs, and what has begun is not known
        waiting.forEach(write -> write.giveUp(new StoreUnavailable("The bridge is stopping")));
        housekeeping.shutdownNow();
        bookkeeping.shutdownNow();
        database.close();
    }
}
