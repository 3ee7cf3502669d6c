package org.routingbridge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

import org.routingbridge.failure.FailureText;
import org.routingbridge.settings.OwnerOnly;
import org.routingbridge.store.Books.Entry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;

/**
 * Takes what is intact in a damaged database over into a new one. The damaged one is kept under a name of its own; what
 * it should hold and does not is named, as far as its books and its indexes still know.
 */
final class Salvage {

    private static final Logger LOG = LoggerFactory.getLogger(Salvage.class);
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    /** A damaged row's place is believed up to so far behind the last that is known. */
    private static final long PLACES_BEYOND = 10_000;
    private static final int PAGE_BYTES = 4096;
    /** Of the files that move together. */
    private static final List<String> SUFFIXES = List.of("", "-wal");

    /** Reads whether a row is what was written. */
    @FunctionalInterface
    interface RowCheck {
        boolean isIntact(ResultSet row) throws SQLException;
    }

    /**
     * A table that rows are taken over from.
     *
     * @param idColumn  with what names a row where only the index is left of it; null where nothing does
     * @param bytes     where the books have its bytes, or null
     * @param isListed  whether a damaged row is kept, to be shown as such
     */
    record Table(String name, String columns, String idColumn, String index, Entry rows, Entry bytes, RowCheck check,
                 boolean isListed) {
    }

    static final List<Table> TABLES = List.of(
            new Table("outbox", StoredEvent.COLUMNS, "event_id", "outbox_event", Entry.OUTBOX_ROWS, Entry.OUTBOX_BYTES,
                    row -> StoredEvent.read(row).isIntact(), true),
            new Table("notification", StoredNotification.COLUMNS, "event_id", "notification_event",
                    Entry.NOTIFICATION_ROWS, Entry.NOTIFICATION_BYTES, row -> StoredNotification.read(row).isIntact(),
                    true),
            new Table("dead_letter", DeadLetter.COLUMNS, "listed_id", "dead_letter_id", Entry.DEAD_LETTER_ROWS,
                    Entry.DEAD_LETTER_BYTES, row -> DeadLetter.read(row).isIntact(), true),
            new Table("rejected", RejectedTable.COLUMNS, "event_id", "rejected_event", Entry.REJECTED_ROWS,
                    Entry.REJECTED_BYTES, row -> RejectedTable.Rejected.read(row).isIntact(), false),
            new Table("seen", SeenTable.COLUMNS, null, null, Entry.SEEN_ROWS, null, SeenTable::isIntact, false));

    private final Path file;
    private final SteadyClock clock;
    private final boolean isLogInDoubt;
    private final Path damaged;
    private final List<String> missing = new ArrayList<>();
    private final List<String> altered = new ArrayList<>();
    private final Map<Entry, Long> notOwed = new EnumMap<>(Entry.class);
    private long unnamed;
    private boolean isBooksLost;

    /** @param isLogInDoubt whether its write-ahead log was damaged ({@link WriteAheadLog#IN_DOUBT}) */
    Salvage(Path file, SteadyClock clock, boolean isLogInDoubt) {
        this.file = file;
        this.clock = clock;
        this.isLogInDoubt = isLogInDoubt;
        damaged = newName(file, ".db");
    }

    /** For a damaged file that is kept. */
    static Path newName(Path file, String ending) {
        return file.resolveSibling("damaged").resolve("bridge-" + NAME.format(Instant.now()) + ending);
    }

    static Connection readOnly(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    /**
     * @return what came of it, in a sentence
     * @throws StoreUnusable where nothing of it can be read
     */
    String run() throws IOException, SQLException {
        Files.createDirectories(damaged.getParent());
        Path next = file.resolveSibling("bridge.db.new");
        Books held;
        try {
            for (String suffix : SUFFIXES) {
                moveWhatIsThere(beside(file, suffix), beside(damaged, suffix));
            }
            Files.deleteIfExists(beside(file, "-shm"));
            Files.deleteIfExists(next);
            held = copy(next);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (SQLException | IOException | RuntimeException e) {
            // whoever tries again must find it, and not an empty one in its place
            for (String suffix : SUFFIXES) {
                moveWhatIsThere(beside(damaged, suffix), beside(file, suffix));
            }
            throw e;
        } finally {
            deleteWhereItCan(next);
        }
        return report(held);
    }

    /** What a full disk has left half written; the next try begins by the same. */
    private static void deleteWhereItCan(Path unfinished) {
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            LOG.warn("What was begun of a new store could not be deleted file={} reason={}", unfinished,
                    FailureText.of(e));
        }
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private static void moveWhatIsThere(Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            Files.move(from, to);
        }
    }

    private Books copy(Path next) throws SQLException, IOException {
        SQLiteConfig config = new SQLiteConfig();
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        try (Connection to = config.createConnection("jdbc:sqlite:" + next)) {
            to.setAutoCommit(false);
            StoreSchema.create(to);
            to.commit();
            Path source = readable(next);
            Books held;
            try (Connection from = readOnly(source)) {
                Books before = books(from);
                isBooksLost = before == null;
                Books.Change found = new Books.Change();
                for (Table table : TABLES) {
                    copy(table, from, to, found, before);
                }
                held = write(to, before, found);
                to.commit();
            } finally {
                if (!source.equals(damaged)) {
                    Files.deleteIfExists(source);
                }
            }
            return held;
        }
    }

    /** The damaged file itself, or where its first page is too damaged to be opened, a copy with a sound one. */
    private Path readable(Path sound) throws IOException {
        // of one that is cut to nothing SQLite deletes the log
        if (Files.size(damaged) >= PAGE_BYTES && canBeOpened(damaged)) {
            return damaged;
        }
        Path patched = beside(damaged, ".patched");
        try {
            Files.copy(damaged, patched, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // on a disk without room half of it is in the way of the next try
            Files.deleteIfExists(patched);
            throw e;
        }
        Path log = beside(damaged, "-wal");
        if (Files.exists(log)) {
            Files.copy(log, beside(patched, "-wal"), StandardCopyOption.REPLACE_EXISTING);
        }
        try (FileChannel from = FileChannel.open(sound, StandardOpenOption.READ);
             FileChannel to = FileChannel.open(patched, StandardOpenOption.WRITE)) {
            ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES);
            from.read(page, 0);
            page.putInt(28, (int) Math.max(1, to.size() / PAGE_BYTES)).putInt(32, 0).putInt(36, 0);
            // as the log has it: read and written by way of it
            page.put(18, (byte) 2).put(19, (byte) 2);
            to.write(page.rewind(), 0);
        }
        if (!canBeOpened(patched)) {
            Files.deleteIfExists(patched);
            throw new StoreUnusable("The store " + file + " is damaged and nothing in it can be read; restore it from a"
                    + " backup, or move it away to start without what is in it, and ask the senders for the events"
                    + " that the audit log has as QUEUED and never as SUCCESS");
        }
        return patched;
    }

    private static boolean canBeOpened(Path database) {
        try (Connection connection = readOnly(database); Statement statement = connection.createStatement();
             ResultSet tables = statement.executeQuery("select count(*) from sqlite_master where type = 'table'")) {
            return tables.next() && tables.getInt(1) == TABLES.size() + 1;
        } catch (SQLException e) {
            return false;
        }
    }

    private static Books books(Connection from) {
        try (Statement statement = from.createStatement();
             ResultSet row = statement.executeQuery("select " + Books.COLUMNS + " from books where one = 1")) {
            return row.next() ? Books.read(row) : null;
        } catch (SQLException e) {
            return null;
        }
    }

    private void copy(Table table, Connection from, Connection to, Books.Change found, Books before)
            throws SQLException {
        try (PreparedStatement insert = to.prepareStatement("insert into " + table.name() + " ("
                + table.columns() + ") values (" + "?, ".repeat(table.columns().split(",").length - 1) + "?)")) {
            Map<Long, String> named = names(table, from);
            Set<Long> copied = new Copying(table, from, insert, found, altered, highest(from)).run(named.keySet());
            to.commit();
            report(table, copied, named, before);
        }
    }

    /** The last place that any table knows, no further than what can be added to it. */
    private static long highest(Connection from) {
        long highest = 0;
        for (Table table : TABLES) {
            try (Statement statement = from.createStatement();
                 ResultSet row = statement.executeQuery("select max(seq) from " + table.name())) {
                highest = Math.max(highest, row.next() ? row.getLong(1) : 0);
            } catch (SQLException e) {
                // the other tables know
                continue;
            }
        }
        return Math.min(highest, Long.MAX_VALUE - PLACES_BEYOND);
    }

    /** What the table's index knows of its rows: the ids, by the rows' places. */
    private static Map<Long, String> names(Table table, Connection from) {
        Map<Long, String> named = new TreeMap<>();
        if (table.index() == null) {
            return named;
        }
        for (String order : List.of("", " desc")) {
            try (Statement statement = from.createStatement();
                 ResultSet rows = statement.executeQuery("select seq, " + table.idColumn() + " from " + table.name()
                         + " indexed by " + table.index() + " order by " + table.idColumn() + order)) {
                while (rows.next()) {
                    named.put(rows.getLong(1), rows.getString(2));
                }
                return named;
            } catch (SQLException e) {
                // as far as it goes, and once more from the other end
                continue;
            }
        }
        return named;
    }

    private void report(Table table, Set<Long> copied, Map<Long, String> named, Books before) {
        long lost = before == null ? 0 : before.of(table.rows()) - copied.size();
        if (!table.isListed()) {
            notOwed.put(table.rows(), Math.max(0, lost));
            return;
        }
        int known = missing.size();
        named.forEach((seq, id) -> {
            if (!copied.contains(seq)) {
                missing.add((table.name().equals("notification") ? DeadLetter.NOTIFICATION_PREFIX : "") + id);
            }
        });
        unnamed += Math.max(0, lost - (missing.size() - known));
    }

    /** Row after row, and where a page cannot be read, from the next one that can be. */
    private static final class Copying {

        private static final long END = Long.MAX_VALUE;
        private static final long DAMAGE = -1;

        private final Table table;
        private final List<String> columns;
        private final Connection from;
        private final PreparedStatement insert;
        private final Books.Change found;
        private final List<String> altered;
        private final Set<Long> copied = new HashSet<>();
        private boolean takesDamaged;
        private boolean isAnyDamaged;
        private long highest;

        /** @param highest the last place that is known; places are given in one order for all tables */
        Copying(Table table, Connection from, PreparedStatement insert, Books.Change found, List<String> altered,
                long highest) {
            this.highest = highest;
            this.table = table;
            this.columns = Arrays.asList(table.columns().split(", "));
            this.from = from;
            this.insert = insert;
            this.found = found;
            this.altered = altered;
        }

        /**
         * @param named the places that the table's index knows, each of which is asked for by itself
         * @return the places of what was taken over
         */
        Set<Long> run(Set<Long> named) throws SQLException {
            pass(named);
            if (isAnyDamaged && table.isListed()) {
                // after those that are intact, one of which its damaged place may be
                takesDamaged = true;
                named.forEach(seq -> highest = Math.max(highest, seq));
                pass(named);
            }
            return copied;
        }

        private void pass(Set<Long> named) throws SQLException {
            // with no place to begin at: to find one, the numbers in a damaged page would be compared
            long at = scan(" order by seq", 0);
            if (at == END) {
                return;
            }
            while (at != END) {
                long next = beyond(at);
                at = next == END ? END : upFrom(next);
            }
            scan(" order by seq desc", 0);
            for (long seq : named) {
                if (!copied.contains(seq)) {
                    scan(" where seq = " + seq, 0);
                }
            }
        }

        /** @return the last place that was read, or the first one that cannot be, or the end */
        private long upFrom(long place) throws SQLException {
            long reached = scan(" where seq >= " + place + " order by seq", place - 1);
            // a row may be found and not be read
            return reached >= place ? reached : Math.max(place, rowFrom(place));
        }

        /**
         * The driver closes a statement that has failed.
         *
         * @return the place of the last intact row up to which it could be read, or the end
         */
        private long scan(String which, long low) throws SQLException {
            long last = low;
            boolean isBackwards = which.endsWith(" desc");
            try (Statement statement = from.createStatement(); ResultSet rows = statement.executeQuery(
                    "select " + table.columns() + " from " + table.name() + which)) {
                while (rows.next()) {
                    long seq = rows.getLong(1);
                    boolean isKnown = copied.contains(seq);
                    boolean isIntact = table.check().isIntact(rows);
                    isAnyDamaged |= !isIntact;
                    if (isKnown && isIntact && isBackwards && !takesDamaged) {
                        return END;
                    }
                    // a damaged row's place may be any number
                    last = isIntact ? Math.max(last, seq) : last;
                    if (!isKnown && (isIntact || takesDamaged && seq > 0 && seq <= highest + PLACES_BEYOND)) {
                        take(rows, seq, isIntact);
                    }
                }
                return END;
            } catch (SQLException e) {
                if (!SqliteDatabase.isDamage(e)) {
                    throw e;
                }
                return last;
            }
        }

        /**
         * The first place behind what cannot be read from which it can, looked for in steps that grow with the
         * distance: an island that is narrow for its distance may be passed over, and then only what the index names of
         * it is found. The end where there is none.
         */
        private long beyond(long at) throws SQLException {
            long unread = at;
            for (long step = 1; step < END - at - step; step += step / 4 + 1) {
                if (rowFrom(at + step) != DAMAGE) {
                    return nearest(unread, at + step);
                }
                unread = at + step;
            }
            return END;
        }

        private long nearest(long unread, long readable) throws SQLException {
            long low = unread;
            long high = readable;
            while (high - low > 1) {
                long middle = low + (high - low) / 2;
                if (rowFrom(middle) == DAMAGE) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            return high;
        }

        /** The place of the first row from a place on, the end where there is none. */
        private long rowFrom(long place) throws SQLException {
            try (Statement statement = from.createStatement(); ResultSet row = statement.executeQuery("select seq from "
                    + table.name() + " where seq >= " + place + " order by seq limit 1")) {
                return row.next() ? Math.max(place, row.getLong(1)) : END;
            } catch (SQLException e) {
                if (!SqliteDatabase.isDamage(e)) {
                    throw e;
                }
                return DAMAGE;
            }
        }

        private void take(ResultSet row, long seq, boolean isIntact) throws SQLException {
            Object[] values = new Object[columns.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = columns.get(i).equals("event_text") ? row.getBytes(i + 1) : row.getObject(i + 1);
                if (values[i] == null) {
                    return;
                }
            }
            if (!isIntact) {
                values[columns.indexOf("checksum")] = Checksum.KNOWN_DAMAGED;
                altered.add(row.getString(2));
            }
            for (int i = 0; i < values.length; i++) {
                insert.setObject(i + 1, values[i]);
            }
            insert.executeUpdate();
            copied.add(seq);
            highest = Math.max(highest, seq);
            found.add(table.rows(), 1);
            if (table.bytes() != null) {
                found.add(table.bytes(), OutboxTable.bytes((byte[]) values[columns.indexOf("event_text")]));
            }
        }
    }

    private Books write(Connection to, Books before, Books.Change found) throws SQLException {
        Books held = Books.EMPTY.plus(found);
        long rows = held.of(Entry.OUTBOX_ROWS);
        if (before != null) {
            long lost = Math.max(0, before.of(Entry.OUTBOX_ROWS) - rows);
            found.add(Entry.PUBLISHED, before.of(Entry.PUBLISHED))
                    .add(Entry.DEAD_LETTERED, before.of(Entry.DEAD_LETTERED) + lost)
                    .add(Entry.COMMITS, before.of(Entry.COMMITS));
            found.add(Entry.ENTERED, before.of(Entry.PUBLISHED) + before.of(Entry.DEAD_LETTERED) + lost + rows);
        } else {
            found.add(Entry.ENTERED, rows);
        }
        Books kept = Books.EMPTY.plus(found);
        new SqliteSession(to, new AtomicLong()).update(SqliteDatabase.KEEP_BOOKS, kept.row(clock.mark()));
        return kept;
    }

    private String report(Books held) throws IOException {
        String kept = held.of(Entry.OUTBOX_ROWS) + " events of the outbox, " + held.of(Entry.NOTIFICATION_ROWS)
                + " notifications and " + held.of(Entry.DEAD_LETTER_ROWS) + " dead letters were taken over";
        String lost = lost();
        Path list = damaged.resolveSibling(damaged.getFileName().toString().replace(".db", "-missing.txt"));
        if (!missing.isEmpty()) {
            Files.createFile(list, OwnerOnly.ofNewFile());
            Files.write(list, missing);
        }
        String sentence = "the store was damaged and is kept as " + damaged.getFileName() + "; " + kept + "; " + lost;
        LOG.error("What was intact in the damaged store is in a new one: {}; {}; ask the senders for what is missing,"
                + " or look for it in the audit log missing={} damaged={}", kept, lost,
                missing.isEmpty() ? "(not known by name)" : list, damaged);
        return sentence;
    }

    private String lost() {
        List<String> parts = new ArrayList<>();
        if (!missing.isEmpty() || unnamed > 0) {
            parts.add(missing.size() + " are missing by their names and " + unnamed + " without");
        }
        if (!altered.isEmpty()) {
            parts.add(altered.size() + " are damaged and shown as such");
        }
        if (notOwed.getOrDefault(Entry.REJECTED_ROWS, 0L) > 0) {
            parts.add(notOwed.get(Entry.REJECTED_ROWS) + " refused events are missing");
        }
        if (notOwed.getOrDefault(Entry.SEEN_ROWS, 0L) > 0) {
            parts.add(notOwed.get(Entry.SEEN_ROWS) + " groups of accepted ids are missing, whose events would be"
                    + " published again if they were sent again");
        }
        if (isBooksLost) {
            parts.add("its books cannot be read, so that more may be missing");
        }
        if (isLogInDoubt) {
            parts.add(WriteAheadLog.IN_DOUBT);
        }
        return parts.isEmpty() ? "nothing is known to be missing" : String.join("; ", parts);
    }
}
