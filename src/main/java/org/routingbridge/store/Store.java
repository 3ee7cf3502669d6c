package org.routingbridge.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.routingbridge.failure.FailureText;
import org.routingbridge.failure.LastingFault;
import org.routingbridge.settings.DataDirectory;
import org.routingbridge.settings.OwnerOnly;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteJDBCLoader;

/**
 * The one database that keeps what must not be lost: the outbox, notifications, dead letters, rejected events, seen ids
 * and the books of all these. One thread writes: it takes all work that waits, does it in one transaction and commits
 * that with one sync of the disk, so that a commit is shared by as many as came while the last one was under way. There
 * is no timer and nobody lingers. No thread is held by who waits for a commit. Readers have connections of their own
 * and hold up nobody (write-ahead log).
 *
 * <p>Whatever the disk does, the process goes on: work fails with {@link StoreUnavailable} while it is full or gone,
 * and succeeds again by itself once it is well. A damaged database is put aside by its name, and what is intact in it
 * is taken over into a new one ({@link Salvage}).
 *
 * @see <a href="https://www.sqlite.org/wal.html">SQLite: write-ahead logging</a>
 */
public final class Store implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Store.class);
    static final String FILE = "bridge.db";
    /** Work in one transaction at most; what is more shares the next one. */
    private static final int MOST_TOGETHER = 1000;
    private static final Duration TRY_AGAIN = Duration.ofMillis(500);
    private static final Duration HOUSEKEEPING = Duration.ofMillis(50);
    /** A commit that lasts longer than this is reported as a disk that does not answer. */
    private static final Duration LONGEST_COMMIT = Duration.ofSeconds(5);
    /** From this size on the log is copied into the database, beside the writing. */
    private static final long CHECKPOINT_BYTES = 4L * 1024 * 1024;
    /** From this size on the writing waits until what is left of it is copied, and the log is cut. */
    private static final long LARGEST_LOG_BYTES = 64L * 1024 * 1024;
    /** Somebody who reads may keep it from that; then it is tried again after this long. */
    private static final Duration CUT_AGAIN = Duration.ofSeconds(1);
    private static final int LONGEST_WAIT_FOR_READERS_MILLIS = 50;
    private static final int BUSY_MILLIS = 1000;
    private static final int READERS = 3;
    private static final long NOTABLE_JUMP_MILLIS = 2000;
    private static final long LIBRARY_BYTES = 4L * 1024 * 1024;
    /** The webhook is to answer soon, whatever the disk does. */
    private static final Duration LONGEST_START = Duration.ofSeconds(60);
    private static final Duration CLOSING = Duration.ofSeconds(2);
    private static final Set<SQLiteErrorCode> DAMAGE_OF_FILES = EnumSet.of(SQLiteErrorCode.SQLITE_IOERR_SHORT_READ);
    static final String KEEP_BOOKS = "update books set " + Books.COLUMNS.replace(", ", " = ?, ") + " = ? where one = 1";

    private final Path file;
    private final SteadyClock clock;
    private final Ballast ballast;
    private final CommitMark commitMark;
    private final AtomicLong nextSeq = new AtomicLong();
    private final Queue<Write<?>> waiting = new ConcurrentLinkedQueue<>();
    private final List<Work<?>> whenOpened = new CopyOnWriteArrayList<>();
    /** Of this opening; what was opened before may be another file. */
    private volatile ArrayDeque<Session> idleReaders = new ArrayDeque<>();
    private final Thread writer = new Thread(this::write, "store-writer");
    private final ScheduledExecutorService housekeeping = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "store-housekeeping");
        thread.setDaemon(true);
        return thread;
    });
    private final CompletableFuture<Void> firstTry = new CompletableFuture<>();
    private volatile List<Write<?>> together = List.of();
    private volatile long commitBegan;
    private volatile Books books = Books.EMPTY;
    private volatile String failure;
    private volatile String damage;
    private volatile boolean open;
    private final LastingFault fault = new LastingFault();
    private final LastingFault salvaging = new LastingFault();
    private volatile boolean closing;
    private volatile boolean closed;
    private volatile boolean checkpointing;
    private long nextTry = System.nanoTime();
    private long nextCut = System.nanoTime();
    private Session session;
    private boolean damageSuspected;
    private boolean checked;

    public Store(DataDirectory dataDirectory, SteadyClock clock) {
        this(dataDirectory.path(), clock);
    }

    /** In a directory that nobody else has claimed. */
    public Store(Path directory, SteadyClock clock) {
        file = directory.resolve(FILE);
        this.clock = clock;
        ballast = new Ballast(directory);
        commitMark = new CommitMark(directory);
        writer.setDaemon(true);
    }

    /**
     * Opens the database, or begins to try to.
     *
     * @throws StoreUnusable where it is not to be opened as it is, which is for a person to deal with
     */
    public void start() {
        writer.start();
        housekeeping.scheduleWithFixedDelay(this::keepHouse, HOUSEKEEPING.toMillis(), HOUSEKEEPING.toMillis(),
                TimeUnit.MILLISECONDS);
        try {
            firstTry.get(LONGEST_START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            close();
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            LOG.warn("The store is not open yet; the bridge starts without waiting for it file={}", file);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
            throw new StoreUnavailable("The store cannot be read: " + describe(e));
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
        SQLiteConfig config = config();
        config.setReadOnly(true);
        return new Session(config.createConnection("jdbc:sqlite:" + file));
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

    /** A number for a new row, higher than all before it. */
    public long nextSeq() {
        return nextSeq.incrementAndGet();
    }

    public SteadyClock clock() {
        return clock;
    }

    /** As committed last. */
    public Books books() {
        return books;
    }

    /** Why nothing can be written just now, in a sentence, or null. */
    public String failure() {
        long began = commitBegan;
        if (failure == null && began != 0 && System.nanoTime() - began > LONGEST_COMMIT.toNanos()) {
            return "the disk has not answered for " + (System.nanoTime() - began) / 1_000_000_000 + " s";
        }
        return failure;
    }

    /** What was found damaged in this process's time, in a sentence, or null. */
    public String damage() {
        return damage;
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
        for (Write<?> next = waiting.poll(); next != null; next = taken.size() < MOST_TOGETHER ? waiting.poll() : null) {
            if (next.begin()) {
                taken.add(next);
            }
        }
        together = taken;
        return taken;
    }

    private void giveUpOn(List<Write<?>> writes) {
        writes.forEach(write -> write.failed(new StoreUnavailable("The store cannot be written to: " + failure)));
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
            afterCommit();
        }
    }

    private void commitTogether(List<Write<?>> writes) {
        Throwable fault = transaction(writes);
        if (fault == null) {
            settle(writes);
        } else if (writes.size() == 1 && !isStoreFault(fault)) {
            writes.get(0).failed(refusal(fault));
        } else if (session == null || isStoreFault(fault)) {
            giveUpOn(writes);
        } else {
            // one of them is at fault; none of the others is to suffer for it
            writes.forEach(write -> commitTogether(List.of(write)));
        }
    }

    private static boolean isStoreFault(Throwable fault) {
        return fault instanceof SQLException failed && (isTheDisk(failed) || isDamage(failed));
    }

    private static Throwable refusal(Throwable fault) {
        return fault instanceof SQLException failed
                ? new StoreUnavailable("The store refuses it: " + describe(failed)) : fault;
    }

    /**
     * Does the work of all of them and commits it.
     *
     * @return null, or why nothing was changed; whatever that is, the thread goes on, since all who write need it
     */
    private Throwable transaction(List<Write<?>> writes) {
        if (session == null) {
            return new SQLException(failure);
        }
        try {
            session.books().clear();
            session.begin();
            for (Write<?> write : writes) {
                write.run(session);
            }
            session.books().add(Books.Entry.COMMITS, 1);
            session.update(KEEP_BOOKS, books.plus(session.books()).row(clock.mark()));
            session.commit();
            return null;
        } catch (SQLException e) {
            rollBack();
            if (isDamage(e)) {
                damaged(e);
            } else if (isTheDisk(e)) {
                failing(e);
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
        commitMark.write(books);
        boolean isWellAgain = failure != null;
        failure = null;
        writes.forEach(Write::committed);
        if (isWellAgain) {
            ballast.replace();
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
            failure = describe(e);
            closeSession();
        }
    }

    private void failing(SQLException e) {
        String reason = describe(e);
        if (fault.isToBeTold()) {
            LOG.error("The store cannot be written to; what EventBridge does not take at once stays with its sender"
                    + " until it can reason={}", reason);
        }
        failure = reason;
        nextTry = System.nanoTime() + TRY_AGAIN.toNanos();
        if (isOneOf(e, SQLiteErrorCode.SQLITE_FULL)) {
            ballast.release();
        } else {
            closeSession();
        }
    }

    /** Something that is read does not make sense. */
    private void suspect(SQLException e) {
        if (isDamage(e)) {
            write(any -> {
                throw e;
            });
        }
    }

    private void damaged(SQLException e) {
        failure = "the database is damaged: " + describe(e);
        damageSuspected = true;
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
            ballast.replace();
            failure = null;
            open = true;
            if (fault.isEndToBeTold()) {
                LOG.info("The store is open file={}", file);
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
        if (e instanceof SQLException sql && isDamage(sql) && !damageSuspected) {
            damageSuspected = true;
            nextTry = System.nanoTime();
            return;
        }
        ballast.release();
        String reason = e instanceof SQLException sql ? describe(sql) : FailureText.of(e);
        if (fault.isToBeTold()) {
            LOG.error("The store cannot be opened and is tried again; what EventBridge does not take at once stays with"
                    + " its sender until it can file={} reason={}", file, reason);
        }
        failure = reason;
        nextTry = System.nanoTime() + TRY_AGAIN.toNanos();
        // the bridge starts all the same: most events never need the store
        firstTry.complete(null);
    }

    /**
     * Before SQLite does so itself, which it does not try again. Its library is unpacked at every start, for which
     * there may be no room.
     */
    private void loadLibrary() throws IOException {
        try {
            SQLiteJDBCLoader.initialize();
        } catch (Exception e) {
            throw new IOException(file.toFile().getParentFile().getUsableSpace() < LIBRARY_BYTES
                    ? "There is no room on the disk for SQLite's library, 4 MB at least"
                    : "SQLite's library cannot be loaded; it needs a directory in which machine code may be executed");
        }
    }

    private void openSession() throws SQLException, IOException {
        loadLibrary();
        if (!Files.exists(file)) {
            FormerStore.refuse(file.getParent());
            // its log gets the same rights
            Files.createFile(file, OwnerOnly.ofNewFile());
        }
        if (!Files.isWritable(file) || !Files.isWritable(file.getParent())) {
            // SQLite would open it to read it, or take long to find out, and only the first write would tell
            throw new IOException("It may not be written to; give the bridge's user the right to");
        }
        WriteAheadLog.Repair repair = damageSuspected ? WriteAheadLog.Repair.NONE : WriteAheadLog.repair(file);
        boolean isLarge = StoreCheck.size(file) >= StoreCheck.SMALL_BYTES;
        if (!damageSuspected && !checked && (!isLarge || repair == WriteAheadLog.Repair.SUSPECT)) {
            damageSuspected = StoreCheck.fault(file) != null;
        }
        if (damageSuspected) {
            if (salvaging.isToBeTold()) {
                LOG.error("The store is damaged; what is intact in it is taken over into a new one file={}", file);
            }
            Salvage.Result result = new Salvage(file, clock).run();
            damage = result.sentence();
            damageSuspected = false;
        }
        session = new Session(config().createConnection("jdbc:sqlite:" + file));
        Connection connection = session.connection();
        session.begin();
        int version = StoreSchema.version(connection);
        if (version == 0 && StoreSchema.isEmpty(connection)) {
            StoreSchema.create(connection);
        } else if (version != StoreSchema.VERSION) {
            throw new StoreUnusable("The store " + file + " was made by another version of the bridge (" + version
                    + ", and this one knows " + StoreSchema.VERSION + "); start that version, or move the file away");
        }
        String readBooks = "select " + Books.COLUMNS + " from books where one = 1";
        Books read = session.first(Books::read, readBooks);
        if (read == null) {
            throw new SQLiteException("the books are not what was written", SQLiteErrorCode.SQLITE_CORRUPT);
        }
        books = read;
        SteadyClock.Mark mark = session.first(Books::mark, readBooks);
        if (mark.steadyMillis() != 0 && !firstTry.isDone()) {
            clock.resume(mark);
        }
        long highest = session.number("""
                select max(seq) from (select max(seq) as seq from outbox union all select max(seq) from notification
                union all select max(seq) from dead_letter union all select max(seq) from rejected
                union all select max(seq) from seen)""");
        nextSeq.accumulateAndGet(highest, Math::max);
        for (Work<?> reading : whenOpened) {
            reading.in(session);
        }
        session.commit();
        missedCommits();
        if (!checked && isLarge) {
            housekeeping.execute(this::check);
        }
        checked = true;
    }

    /** What is too large to be looked at before it is used is looked at while it is. */
    private void check() {
        try {
            String fault = StoreCheck.fault(file);
            if (fault != null) {
                suspect(new SQLiteException(fault, SQLiteErrorCode.SQLITE_CORRUPT));
            }
        } catch (SQLException | IOException e) {
            LOG.warn("The store could not be looked through for damage, which is done again at the next start"
                    + " reason={}", FailureText.of(e));
        }
    }

    /** The mark beside the database is not part of what may have been cut off. */
    private void missedCommits() {
        String missed = commitMark.missing(books);
        if (missed != null && !firstTry.isDone()) {
            damage = damage == null ? missed : damage + "; " + missed;
            LOG.error("The store is not what was written last: {}; look in the audit log for lines with the status"
                    + " QUEUED and no later SUCCESS, and ask their senders for those events file={}", missed, file);
        }
    }

    static SQLiteConfig config() {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setBusyTimeout(BUSY_MILLIS);
        // checkpoints are made beside the writing, not in its way
        config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, "0");
        // a log that is begun anew is cut, or its size would ask for a checkpoint at every commit from then on
        config.setJournalSizeLimit(0);
        return config;
    }

    private void afterCommit() {
        if (checkpointing) {
            return;
        }
        long logBytes = logBytes();
        if (logBytes > LARGEST_LOG_BYTES) {
            if (System.nanoTime() - nextCut >= 0) {
                nextCut = System.nanoTime() + (cutLog() ? 0 : CUT_AGAIN.toNanos());
            }
        } else if (logBytes > CHECKPOINT_BYTES) {
            checkpointing = true;
            housekeeping.execute(() -> {
                try (Connection connection = config().createConnection("jdbc:sqlite:" + file)) {
                    checkpoint(connection, "passive");
                } catch (SQLException e) {
                    suspect(e);
                } finally {
                    checkpointing = false;
                }
            });
        }
    }

    /** Whether nobody kept it from being cut. */
    private boolean cutLog() {
        try (Statement statement = session.connection().createStatement()) {
            statement.execute("pragma busy_timeout = " + LONGEST_WAIT_FOR_READERS_MILLIS);
            boolean isCut = checkpoint(session.connection(), "truncate");
            statement.execute("pragma busy_timeout = " + BUSY_MILLIS);
            return isCut;
        } catch (SQLException e) {
            suspect(e);
            return false;
        }
    }

    private long logBytes() {
        try {
            return Files.size(file.resolveSibling(FILE + "-wal"));
        } catch (IOException e) {
            return 0;
        }
    }

    /** Whether all of the log is in the database now. */
    private boolean checkpoint(Connection connection, String mode) {
        try (Statement statement = connection.createStatement();
             ResultSet result = statement.executeQuery("pragma wal_checkpoint(" + mode + ")")) {
            return result.next() && result.getInt(1) == 0;
        } catch (SQLException e) {
            suspect(e);
            return false;
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
        // with what it holds, which is a request's and may be large
        waiting.removeIf(write -> write.endIfOverdue(now));
        boolean failing = failure != null && open && now - nextTry >= 0;
        if (failing && waiting.isEmpty()) {
            // finds out whether the disk is well again where no event does
            waiting.add(new Write<>(any -> null, null));
        }
        if (!waiting.isEmpty() || session == null) {
            LockSupport.unpark(writer);
        }
    }

    private static boolean isTheDisk(SQLException e) {
        return isOneOf(e, SQLiteErrorCode.SQLITE_FULL, SQLiteErrorCode.SQLITE_IOERR, SQLiteErrorCode.SQLITE_READONLY,
                SQLiteErrorCode.SQLITE_CANTOPEN, SQLiteErrorCode.SQLITE_BUSY, SQLiteErrorCode.SQLITE_LOCKED,
                SQLiteErrorCode.SQLITE_PERM, SQLiteErrorCode.SQLITE_PROTOCOL);
    }

    /** What is not there to be read, where the file should go on, is damage too. */
    static boolean isDamage(SQLException e) {
        return isOneOf(e, SQLiteErrorCode.SQLITE_CORRUPT, SQLiteErrorCode.SQLITE_NOTADB)
                || e instanceof SQLiteException known && DAMAGE_OF_FILES.contains(known.getResultCode());
    }

    /** By the primary code, which is the low byte of what SQLite answers. */
    private static boolean isOneOf(SQLException e, SQLiteErrorCode... codes) {
        for (SQLiteErrorCode code : codes) {
            if ((e.getErrorCode() & 0xff) == code.code) {
                return true;
            }
        }
        return false;
    }

    /** SQLite's own sentence, or the system's where the database was not reached. */
    static String describe(SQLException e) {
        return FailureText.of(e.getErrorCode() == 0 && e.getCause() != null ? e.getCause() : e);
    }

    private void closeSession() {
        open = false;
        ArrayDeque<Session> idle = idleReaders;
        synchronized (idle) {
            idleReaders = new ArrayDeque<>();
            idle.forEach(Session::close);
            idle.clear();
        }
        if (session != null) {
            session.close();
            session = null;
        }
    }

    private void shut() {
        closed = true;
        giveUpOn(take());
        if (session != null && failure == null) {
            checkpoint(session.connection(), "truncate");
        }
        closeSession();
    }

    /** Commits what waits, and closes the database. */
    @Override
    public void close() {
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
        commitMark.close();
    }
}
