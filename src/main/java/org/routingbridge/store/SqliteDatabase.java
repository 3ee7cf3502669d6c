package org.routingbridge.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.routingbridge.failure.FailureText;
import org.routingbridge.failure.LastingFault;
import org.routingbridge.settings.OwnerOnly;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteJDBCLoader;

/**
 * One file in the data directory, which this process has alone. A damaged one is put aside by its name, and what is
 * intact in it is taken over into a new one ({@link Salvage}).
 *
 * @see <a href="https://www.sqlite.org/wal.html">SQLite: write-ahead logging</a>
 */
final class SqliteDatabase implements Database {

    static final String FILE = "bridge.db";
    static final String KEEP_BOOKS = "update books set " + Books.COLUMNS.replace(", ", " = ?, ") + " = ? where one = 1";
    private static final String READ_BOOKS = "select " + Books.COLUMNS + " from books where one = 1";

    private static final Logger LOG = LoggerFactory.getLogger(SqliteDatabase.class);
    /** From this size on the log is copied into the database, beside the writing. */
    private static final long CHECKPOINT_BYTES = 4L * 1024 * 1024;
    /** From this size on the writing waits until what is left of it is copied, and the log is cut. */
    private static final long LARGEST_LOG_BYTES = 64L * 1024 * 1024;
    /** Somebody who reads may keep it from that; then it is tried again after this long. */
    private static final Duration CUT_AGAIN = Duration.ofSeconds(1);
    private static final int LONGEST_WAIT_FOR_READERS_MILLIS = 50;
    private static final int BUSY_MILLIS = 1000;
    private static final long LIBRARY_BYTES = 4L * 1024 * 1024;
    private static final Set<SQLiteErrorCode> DAMAGE_OF_FILES = EnumSet.of(SQLiteErrorCode.SQLITE_IOERR_SHORT_READ);

    private final Path file;
    private final SteadyClock clock;
    private final Ballast ballast;
    private final CommitMark commitMark;
    private final AtomicLong lastSeq = new AtomicLong();
    private final LastingFault salvaging = new LastingFault();
    private Executor beside;
    private Consumer<SQLException> suspect;
    private volatile String damage;
    private volatile boolean checkpointing;
    private long nextCut = System.nanoTime();
    private boolean damageSuspected;
    private boolean isMendedLogChecked;
    private boolean isLarge;
    private boolean checked;

    /** In a directory that nobody else has claimed. */
    SqliteDatabase(Path directory, SteadyClock clock) {
        file = directory.resolve(FILE);
        this.clock = clock;
        ballast = new Ballast(directory);
        commitMark = new CommitMark(directory);
    }

    @Override
    public void start(Executor thatRunsBeside, Consumer<SQLException> thatIsTold) {
        beside = thatRunsBeside;
        suspect = thatIsTold;
    }

    @Override
    public String where() {
        return "file=" + file;
    }

    @Override
    public String what() {
        return "the disk";
    }

    @Override
    public boolean opensSlowly() {
        return false;
    }

    @Override
    public Opened open(boolean isFirst) throws SQLException, IOException {
        try {
            return openAsItIs(isFirst);
        } catch (SQLException e) {
            if (damageSuspected || !isDamage(e)) {
                throw e;
            }
            damageSuspected = true;
            return openAsItIs(isFirst);
        }
    }

    private Opened openAsItIs(boolean isFirst) throws SQLException, IOException {
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
        if (!damageSuspected && WriteAheadLog.repair(file) == WriteAheadLog.Repair.SUSPECT) {
            isMendedLogChecked = false;
        }
        // mended by a start that ended before it told of it, too
        boolean isLogInDoubt = Files.exists(WriteAheadLog.kept(file));
        isLarge = StoreCheck.size(file) >= StoreCheck.SMALL_BYTES;
        if (!damageSuspected && (!checked && !isLarge || isLogInDoubt && !isMendedLogChecked)) {
            damageSuspected = StoreCheck.fault(file) != null;
            isMendedLogChecked = !damageSuspected;
        }
        if (damageSuspected) {
            if (salvaging.isToBeTold()) {
                LOG.error("The store is damaged; what is intact in it is taken over into a new one file={}", file);
            }
            say(new Salvage(file, clock, isLogInDoubt).run());
            damageSuspected = false;
        }
        Session session = new SqliteSession(config().createConnection("jdbc:sqlite:" + file), lastSeq);
        try {
            Opened opened = new Opened(session, begin(session, isFirst));
            if (isLogInDoubt) {
                tellOfDoubt();
            }
            return opened;
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
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

    private Books begin(Session session, boolean isFirst) throws SQLException {
        Connection connection = session.connection();
        session.begin();
        int version = StoreSchema.version(connection);
        if (version == 0 && StoreSchema.isEmpty(connection)) {
            StoreSchema.create(connection);
        } else if (version != StoreSchema.VERSION) {
            throw new StoreUnusable("The store " + file + " was made by another version of the bridge (" + version
                    + ", and this one knows " + StoreSchema.VERSION + "); start that version, or move the file away");
        }
        Books books = session.first(Books::read, READ_BOOKS);
        if (books == null) {
            throw new SQLiteException("the books are not what was written", SQLiteErrorCode.SQLITE_CORRUPT);
        }
        SteadyClock.Mark mark = session.first(Books::mark, READ_BOOKS);
        if (mark.steadyMillis() != 0 && isFirst) {
            clock.resume(mark);
        }
        long highest = session.number("""
                select max(seq) from (select max(seq) as seq from outbox union all select max(seq) from notification
                union all select max(seq) from dead_letter union all select max(seq) from rejected
                union all select max(seq) from seen)""");
        lastSeq.accumulateAndGet(highest, Math::max);
        return books;
    }

    @Override
    public void opened(Books books, boolean isFirst) {
        missedCommits(books, isFirst);
        if (!checked && isLarge) {
            beside.execute(this::check);
        }
        checked = true;
        ballast.replace();
    }

    @Override
    public void notOpened() {
        ballast.release();
    }

    /** What is too large to be looked at before it is used is looked at while it is. */
    private void check() {
        try {
            String fault = StoreCheck.fault(file);
            if (fault != null) {
                suspect.accept(new SQLiteException(fault, SQLiteErrorCode.SQLITE_CORRUPT));
            }
        } catch (SQLException | IOException e) {
            LOG.warn("The store could not be looked through for damage, which is done again at the next start"
                    + " reason={}", FailureText.of(e));
        }
    }

    /** The mark beside the database is not part of what may have been cut off. */
    private void missedCommits(Books books, boolean isFirst) {
        String missed = commitMark.missing(books);
        if (missed != null && isFirst) {
            say(missed);
            LOG.error("The store is not what was written last: {}; look in the audit log for lines with the status"
                    + " QUEUED and no later SUCCESS, and ask their senders for those events file={}", missed, file);
        }
    }

    /** The log as it was is moved beside the other damaged files, so that the next start does not tell of it again. */
    private void tellOfDoubt() {
        Path kept = WriteAheadLog.kept(file);
        Path place = Salvage.newName(file, "-log-as-it-was.db-wal");
        say(WriteAheadLog.IN_DOUBT);
        LOG.error("What is in the store is in doubt: {}; look in the audit log for lines with the status QUEUED and no"
                + " later SUCCESS, and ask their senders for those events damaged={}", WriteAheadLog.IN_DOUBT, place);
        try {
            Files.createDirectories(place.getParent());
            Files.move(kept, place);
        } catch (IOException e) {
            LOG.warn("The damaged log could not be moved, so that the next start tells of it once more"
                    + " file={} reason={}", kept, FailureText.of(e));
        }
    }

    /** What was said before is true still. */
    private void say(String sentence) {
        String before = damage;
        if (before == null || !before.contains(sentence)) {
            damage = before == null ? sentence : before + "; " + sentence;
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

    @Override
    public Session openReader() throws SQLException {
        SQLiteConfig config = config();
        config.setReadOnly(true);
        return new SqliteSession(config.createConnection("jdbc:sqlite:" + file), lastSeq);
    }

    @Override
    public void keep(Session session, Books books) throws SQLException {
        session.update(KEEP_BOOKS, books.row(clock.mark()));
    }

    @Override
    public void committed(Session session, Books books) {
        commitMark.write(books);
    }

    @Override
    public void afterCommit(Session session) {
        if (checkpointing) {
            return;
        }
        long logBytes = logBytes();
        if (logBytes > LARGEST_LOG_BYTES) {
            if (System.nanoTime() - nextCut >= 0) {
                nextCut = System.nanoTime() + (cutLog(session) ? 0 : CUT_AGAIN.toNanos());
            }
        } else if (logBytes > CHECKPOINT_BYTES) {
            checkpointing = true;
            beside.execute(() -> {
                try (Connection connection = config().createConnection("jdbc:sqlite:" + file)) {
                    checkpoint(connection, "passive");
                } catch (SQLException e) {
                    suspect.accept(e);
                } finally {
                    checkpointing = false;
                }
            });
        }
    }

    /** Whether nobody kept it from being cut. */
    private boolean cutLog(Session session) {
        try (Statement statement = session.connection().createStatement()) {
            statement.execute("pragma busy_timeout = " + LONGEST_WAIT_FOR_READERS_MILLIS);
            boolean isCut = checkpoint(session.connection(), "truncate");
            statement.execute("pragma busy_timeout = " + BUSY_MILLIS);
            return isCut;
        } catch (SQLException e) {
            suspect.accept(e);
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
            suspect.accept(e);
            return false;
        }
    }

    @Override
    public Work<?> housekeeping() {
        return null;
    }

    @Override
    public Fault faultOf(SQLException e) {
        if (isOneOf(e, SQLiteErrorCode.SQLITE_FULL)) {
            return Fault.FULL;
        }
        if (isDamage(e)) {
            return Fault.DAMAGE;
        }
        return isOneOf(e, SQLiteErrorCode.SQLITE_IOERR, SQLiteErrorCode.SQLITE_READONLY,
                SQLiteErrorCode.SQLITE_CANTOPEN, SQLiteErrorCode.SQLITE_BUSY, SQLiteErrorCode.SQLITE_LOCKED,
                SQLiteErrorCode.SQLITE_PERM, SQLiteErrorCode.SQLITE_PROTOCOL) ? Fault.AWAY : Fault.OF_THE_WORK;
    }

    @Override
    public boolean isOutcomeUnknown(SQLException e) {
        return false;
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

    @Override
    public void failing(Fault fault) {
        if (fault == Fault.FULL) {
            ballast.release();
        } else if (fault == Fault.DAMAGE) {
            damageSuspected = true;
        }
    }

    @Override
    public void wellAgain() {
        ballast.replace();
    }

    @Override
    public String describe(SQLException e) {
        return sentence(e);
    }

    /** SQLite's own, or the system's where the database was not reached. */
    static String sentence(SQLException e) {
        return FailureText.of(e.getErrorCode() == 0 && e.getCause() != null ? e.getCause() : e);
    }

    @Override
    public String damage() {
        return damage;
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public SharedBooks sharedBooks(Session reader) {
        return null;
    }

    @Override
    public void leave(Session session) {
        checkpoint(session.connection(), "truncate");
    }

    @Override
    public void close() {
        commitMark.close();
    }
}
