package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.store.Books.Entry;

/**
 * Whatever a disk does to the store's files while no process runs: all is recovered, or what is missing is said, or the
 * start is refused with what to do. {@code -Dstore.damage.cases=1000} tries more, {@code -Dstore.damage.seed} others;
 * the figures are in {@code target/store-damage-report.txt}. The short form still has every kind of damage, to stores
 * that were stopped and killed; the long one has it at more places.
 */
class StoreDamageTest {

    private static final int CASES = Integer.getInteger("store.damage.cases", 60);
    private static final long SEED = Long.getLong("store.damage.seed", 20261126);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String DATABASE = "bridge.db";
    private static final String LOG = "bridge.db-wal";
    private static final int PAGE = 4096;
    private static final int LOG_HEADER = 32;
    private static final int FRAME = 24 + PAGE;
    /** More than there are in the pages that are damaged at once. */
    private static final int ROWS_OF_PAGES = 100;

    private static final Pattern OWED = Pattern.compile("(\\d+) are missing by their names and (\\d+) without");
    private static final Pattern REFUSED = Pattern.compile("(\\d+) refused events are missing");
    private static final Pattern IDS = Pattern.compile("(\\d+) groups of accepted ids are missing");

    private enum Outcome { RECOVERED, NAMED, REFUSED, SILENT }

    @TempDir
    private static Path temporary;
    /** As a stop leaves it, and as a kill does: with much of it in the log. */
    private static Path stopped;
    private static Path killed;
    private static StoreContents written;
    /** Events that left the outbox again before anything was damaged. */
    private static final Set<String> LEFT = new HashSet<>();

    @BeforeAll
    static void write() throws IOException {
        Path directory = Files.createDirectory(temporary.resolve("written"));
        Random random = new Random(SEED);
        Store store = new Store(directory, new SteadyClock());
        store.start();
        fill(store, random);
        store.close();
        store = new Store(directory, new SteadyClock());
        store.start();
        fill(store, random);
        written = StoreContents.of(store);
        killed = copy(directory, "killed");
        store.close();
        stopped = copy(directory, "stopped");
        assertThat(Files.size(killed.resolve(LOG))).isGreaterThan(50 * PAGE);
    }

    /** In many commits; some of it leaves again or is tried again. */
    private static void fill(Store store, Random random) {
        List<StoredEvent> waiting = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String id = new UUID(random.nextLong(), random.nextLong()).toString();
            byte[] text = StoreContents.text(id, random.nextInt(10) == 0 ? 9000 : random.nextInt(1500));
            long now = store.clock().millis();
            int kind = i;
            StoredEvent event = new StoredEvent(store.write(Session::nextSeq).await(), id,
                    "key-" + random.nextInt(9), text, "{\"late\":false}", now, now, now, 1, 0, "[]",
                    "UNAVAILABLE: Connection refused", true);
            waiting.add(event);
            StoredEvent other = waiting.get(random.nextInt(waiting.size()));
            store.write(session -> {
                OutboxTable.insert(session, event);
                SeenTable.insert(session, session.nextSeq(), List.of(new SeenTable.Accepted(UUID.fromString(id), now)));
                if (kind % 3 == 0) {
                    NotificationTable.insert(session, new StoredNotification(session.nextSeq(), id, text, now, now, now,
                            1, "status 500", true));
                    DeadLetterTable.insert(session, new DeadLetter(session.nextSeq(), id, id, "key", text, "{}", now,
                            now, now, "MalformedDetail: no", 1));
                }
                if (kind % 5 == 0) {
                    RejectedTable.insert(session, new RejectedTable.Rejected(session.nextSeq(), id, text,
                            "schema_violation: test", now, now));
                    OutboxTable.published(session, other);
                    LEFT.add("outbox " + other.seq());
                }
                return null;
            }).await();
        }
    }

    private static Path copy(Path from, String name) throws IOException {
        Path to = Files.createDirectories(temporary.resolve(name));
        for (String file : List.of(DATABASE, LOG, "bridge.mark")) {
            if (Files.exists(from.resolve(file))) {
                Files.copy(from.resolve(file), to.resolve(file));
            }
        }
        // whole, and not worth its four megabytes a case
        try (RandomAccessFile sparse = new RandomAccessFile(to.resolve("room-for-a-full-disk").toFile(), "rw")) {
            sparse.setLength(Ballast.BYTES);
        }
        return to;
    }

    private static String damage(Path directory, Random random) throws IOException {
        List<String> files = new ArrayList<>(List.of(DATABASE));
        if (Files.exists(directory.resolve(LOG)) && Files.size(directory.resolve(LOG)) > 0) {
            files = List.of(List.of(DATABASE), List.of(LOG), List.of(DATABASE, LOG)).get(random.nextInt(3));
        }
        StringBuilder done = new StringBuilder();
        for (String name : files) {
            try (FileChannel file = FileChannel.open(directory.resolve(name), StandardOpenOption.READ,
                    StandardOpenOption.WRITE)) {
                done.append(name).append(": ").append(damage(file, random)).append("; ");
            }
        }
        return done.toString();
    }

    private static String damage(FileChannel file, Random random) throws IOException {
        long size = file.size();
        switch (random.nextInt(4)) {
            case 0 -> {
                int bits = 1 + random.nextInt(8);
                for (int i = 0; i < bits; i++) {
                    long at = random.nextLong(size);
                    ByteBuffer one = ByteBuffer.allocate(1);
                    file.read(one, at);
                    one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(8)));
                    file.write(one.rewind(), at);
                }
                return bits + " bits flipped";
            }
            case 1 -> {
                long page = random.nextLong(size / PAGE);
                file.write(ByteBuffer.allocate(PAGE), page * PAGE);
                return "page " + page + " zeroed";
            }
            case 2 -> {
                long from = random.nextLong(size);
                int length = (int) Math.min(size - from, 1 + random.nextInt(3 * PAGE));
                file.write(ByteBuffer.allocate(length), from);
                return length + " bytes zeroed from " + from;
            }
            default -> {
                long left = random.nextLong(size);
                file.truncate(left);
                return "cut from " + size + " to " + left;
            }
        }
    }

    private record Case(Outcome outcome, String what) {
    }

    private static Case open(Path directory, boolean isLogDamaged, Set<String> readable) {
        Store store = new Store(directory, new SteadyClock());
        try {
            store.start();
            await().atMost(PATIENCE).until(store::isOpen);
            StoreContents found = StoreContents.of(store);
            readable.removeAll(found.intact().keySet());
            return readable.isEmpty() ? judge(found, store.damage(), isLogDamaged)
                    : new Case(Outcome.SILENT, "was there to be read and is not taken over " + readable);
        } catch (StoreUnusable e) {
            boolean says = e.getMessage().contains("move") && e.getMessage().contains(DATABASE);
            return new Case(says ? Outcome.REFUSED : Outcome.SILENT, e.getMessage());
        } catch (RuntimeException e) {
            return new Case(Outcome.SILENT, "failure " + store.failure() + " " + e);
        } finally {
            store.close();
        }
    }

    /** What anybody finds intact who reads it from its beginning and from its end. */
    private static Set<String> readable(Path directory, int number) throws IOException {
        Set<String> found = new HashSet<>();
        Path other = copy(directory, "read-" + number);
        WriteAheadLog.repair(other.resolve(DATABASE));
        for (Salvage.Table table : Salvage.TABLES) {
            if (!table.name().equals("seen")) {
                read(other, table, "", found);
                read(other, table, " desc", found);
            }
        }
        return found;
    }

    private static void read(Path directory, Salvage.Table table, String order, Set<String> found) {
        try (Connection connection = Salvage.readOnly(directory.resolve(DATABASE));
             Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery("select "
                     + table.columns() + " from " + table.name() + " order by seq" + order)) {
            while (rows.next()) {
                if (table.check().isIntact(rows)) {
                    found.add(table.name() + " " + rows.getLong(1));
                }
            }
        } catch (SQLException e) {
            // up to the damage
            return;
        }
    }

    private static Case judge(StoreContents found, String said, boolean isLogDamaged) {
        List<String> silent = new ArrayList<>();
        boolean isLogInDoubt = said != null && said.contains(WriteAheadLog.IN_DOUBT);
        // it is not known what the last commits changed, or what the books once had
        boolean isAllInDoubt = said != null && (said.contains("commits are missing")
                || said.contains("more may be missing"));
        if (isLogInDoubt && !isLogDamaged) {
            silent.add("a sound log is said to be damaged");
        }
        Map<String, Integer> missing = new TreeMap<>();
        written.intact().forEach((place, row) -> {
            String now = found.intact().get(place);
            if (now == null && !found.damaged().containsKey(place)) {
                String table = place.split(" ")[0];
                missing.merge(table.equals("seen") || table.equals("rejected") ? table : "owed", 1, Integer::sum);
            } else if (now != null && !now.equals(row) && !isAllInDoubt) {
                silent.add("altered " + place + " " + difference(now, row));
            }
        });
        found.intact().keySet().stream().filter(place -> !written.intact().containsKey(place) && !isAllInDoubt)
                .filter(place -> !(isLogInDoubt && LEFT.contains(place)))
                .forEach(place -> silent.add("never written " + place));
        missing.forEach((what, rows) -> {
            if (!isAllInDoubt && saidMissing(said, what) + (isLogInDoubt ? ROWS_OF_PAGES : 0) < rows) {
                silent.add("missing " + what + " " + rows);
            }
        });
        Books books = found.books();
        if (books.of(Entry.ENTERED) != books.of(Entry.PUBLISHED) + books.of(Entry.DEAD_LETTERED)
                + books.of(Entry.OUTBOX_ROWS) || books.of(Entry.OUTBOX_ROWS) != found.rows("outbox")
                || books.of(Entry.NOTIFICATION_ROWS) != found.rows("notification")
                || books.of(Entry.DEAD_LETTER_ROWS) != found.rows("dead_letter")
                || books.of(Entry.REJECTED_ROWS) != found.rows("rejected")
                || !isAllInDoubt && books.of(Entry.PUBLISHED) != written.books().of(Entry.PUBLISHED)) {
            silent.add("books " + books);
        }
        return !silent.isEmpty() ? new Case(Outcome.SILENT, said + " " + silent)
                : new Case(found.intact().equals(written.intact()) ? Outcome.RECOVERED : Outcome.NAMED, said);
    }

    private static int saidMissing(String said, String what) {
        Matcher words = switch (what) {
            case "seen" -> IDS.matcher(String.valueOf(said));
            case "rejected" -> REFUSED.matcher(String.valueOf(said));
            default -> OWED.matcher(String.valueOf(said));
        };
        return !words.find() ? 0
                : Integer.parseInt(words.group(1)) + (words.groupCount() > 1 ? Integer.parseInt(words.group(2)) : 0);
    }

    private static String difference(String now, String row) {
        int at = 0;
        while (at < Math.min(now.length(), row.length()) && now.charAt(at) == row.charAt(at)) {
            at++;
        }
        return "from character " + at;
    }

    @Test
    void nothingIsLostOrAlteredInSilence() throws IOException {
        // Given
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        List<String> told = new ArrayList<>();
        List<String> silent = new ArrayList<>();

        // When
        for (int i = 0; i < CASES; i++) {
            Random random = new Random(SEED + i);
            Path directory = copy(i % 3 == 0 ? stopped : killed, "case-" + i);
            String what = damage(directory, random);
            Set<String> readable = readable(directory, i);
            Case one = open(directory, what.contains(LOG), readable);
            outcomes.merge(one.outcome(), 1, Integer::sum);
            told.add("case " + i + ": " + one.outcome() + ", " + what + " " + one.what());
            if (one.outcome() == Outcome.SILENT) {
                silent.add("case " + i + ": " + (i % 3 == 0 ? "stopped" : "killed") + ", " + what + one.what());
            }
        }

        // Then
        Files.writeString(Path.of("target", "store-damage-report.txt"), "seed " + SEED + ", " + CASES + " cases: "
                + outcomes + "\n" + String.join("\n", told) + "\n");
        assertThat(silent).isEmpty();
    }

    /** The number of a page is gone from the newest frame that has it, so that it is what it was in an older one. */
    @Test
    void aPageThatIsWhatItWasBeforeIsInDoubt() throws IOException {
        // Given
        Map<Integer, Integer> newest = new TreeMap<>();
        try (FileChannel log = FileChannel.open(killed.resolve(LOG), StandardOpenOption.READ)) {
            for (int frame = 0; frame < (log.size() - LOG_HEADER) / FRAME; frame++) {
                ByteBuffer page = ByteBuffer.allocate(Integer.BYTES);
                log.read(page, LOG_HEADER + (long) frame * FRAME);
                newest.put(page.getInt(0), frame);
            }
        }
        Set<String> cameBack = new HashSet<>();

        for (int frame : newest.values()) {
            // When
            Path directory = copy(killed, "frame-" + frame);
            try (FileChannel log = FileChannel.open(directory.resolve(LOG), StandardOpenOption.WRITE)) {
                log.write(ByteBuffer.allocate(Integer.BYTES), LOG_HEADER + (long) frame * FRAME);
            }
            try (Store store = new Store(directory, new SteadyClock())) {
                store.start();
                StoreContents found = StoreContents.of(store);

                // Then
                assertThat(store.damage()).as("frame " + frame).containsPattern("commits are missing|"
                        + Pattern.quote(WriteAheadLog.IN_DOUBT));
                assertThat(judge(found, store.damage(), true)).as("frame " + frame).extracting(Case::outcome)
                        .isNotEqualTo(Outcome.SILENT);
                LEFT.stream().filter(found.intact()::containsKey).forEach(cameBack::add);
            }
        }
        assertThat(cameBack).isNotEmpty();
    }

    /** Whoever has mended the log may be killed before it has told of it. */
    @Test
    void aLogThatAnEarlierStartHasMendedIsInDoubtUntilSomebodyHasBeenTold() throws IOException {
        // Given
        Path directory = copy(killed, "mended");
        try (FileChannel log = FileChannel.open(directory.resolve(LOG), StandardOpenOption.WRITE)) {
            log.write(ByteBuffer.allocate(Integer.BYTES), LOG_HEADER + FRAME);
        }
        byte[] asItWas = Files.readAllBytes(directory.resolve(LOG));
        WriteAheadLog.repair(directory.resolve(DATABASE));
        // half mended is damaged, too: the checksum of a frame
        try (FileChannel log = FileChannel.open(directory.resolve(LOG), StandardOpenOption.WRITE)) {
            log.write(ByteBuffer.allocate(Integer.BYTES), LOG_HEADER + 2L * FRAME + 4 * Integer.BYTES);
        }

        for (String said : Arrays.asList(WriteAheadLog.IN_DOUBT, null)) {
            try (Store store = new Store(directory, new SteadyClock())) {
                // When
                store.start();
                await().atMost(PATIENCE).until(store::isOpen);

                // Then
                assertThat(store.damage()).isEqualTo(said);
            }
        }
        try (Stream<Path> damaged = Files.list(directory.resolve("damaged"))) {
            assertThat(damaged.toList()).singleElement().satisfies(kept -> {
                assertThat(kept.toString()).endsWith("-log-as-it-was.db-wal");
                assertThat(kept).hasBinaryContent(asItWas);
            });
        }
    }

    /** It is found again by the next start, and nothing has begun in its place. */
    @ParameterizedTest
    @ValueSource(strings = {"bridge.db-shm", "bridge.db.new"})
    void whereSalvageCannotGoOnTheStoreStaysWhereItIs(String inItsWay) throws IOException {
        // Given
        Path directory = copy(killed, "stands-" + inItsWay);
        try (FileChannel file = FileChannel.open(directory.resolve(DATABASE), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(PAGE), 2 * PAGE);
        }
        byte[] database = Files.readAllBytes(directory.resolve(DATABASE));
        byte[] log = Files.readAllBytes(directory.resolve(LOG));
        Files.createFile(Files.createDirectory(directory.resolve(inItsWay)).resolve("somebody's"));

        // When
        assertThatThrownBy(() -> new Salvage(directory.resolve(DATABASE), new SteadyClock(), false).run())
                .isInstanceOf(IOException.class);

        // Then
        assertThat(directory.resolve(DATABASE)).hasBinaryContent(database);
        assertThat(directory.resolve(LOG)).hasBinaryContent(log);
        assertThat(directory.resolve("damaged")).isEmptyDirectory();
    }

    /** What SQLite itself would hand out as if nothing had happened. */
    @Test
    void noColumnIsAlteredUnnoticed() throws IOException {
        // Given
        Path directory = copy(stopped, "altered");
        List<String> unnoticed = new ArrayList<>();
        try (Store store = new Store(directory, new SteadyClock())) {
            store.start();

            // When
            for (Salvage.Table table : Salvage.TABLES) {
                for (String column : table.columns().split(", ")) {
                    if (!column.equals("reason_code") && !isNoticed(store, table, column)) {
                        unnoticed.add(table.name() + "." + column);
                    }
                }
            }
        }

        // Then
        assertThat(unnoticed).isEmpty();
    }

    private static boolean isNoticed(Store store, Salvage.Table table, String column) {
        String altered = ("case typeof(x) when 'integer' then x + 1000000 when 'text' then x || '0'"
                + " else zeroblob(16) end").replace("x", column);
        return store.write(session -> {
            long seq = session.number("select max(seq) from " + table.name());
            session.update("update " + table.name() + " set " + column + " = " + altered + " where seq = ?", seq);
            boolean intact = session.first(row -> table.check().isIntact(row), "select " + table.columns() + " from "
                    + table.name() + " order by seq desc limit 1");
            session.update("delete from " + table.name() + " where seq >= ?", seq);
            return !intact;
        }).await();
    }

    @Test
    void aDamagedRowStaysSoWhenItIsTriedAgain() throws IOException {
        // Given
        Path directory = copy(stopped, "postponed");
        try (Store store = new Store(directory, new SteadyClock())) {
            store.start();
            store.write(session -> session.update("update outbox set event_text = zeroblob(9)")).await();
            StoredEvent damaged = first(store);

            // When
            store.write(session -> {
                OutboxTable.postpone(session, damaged);
                return null;
            }).await();

            // Then
            assertThat(damaged.isIntact()).isFalse();
            assertThat(first(store).isIntact()).isFalse();
        }
    }

    private static StoredEvent first(Store store) {
        return store.read(session -> session.first(StoredEvent::read, "select " + StoredEvent.COLUMNS
                + " from outbox order by seq limit 1"));
    }
}
